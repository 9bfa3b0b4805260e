import coursierapi.Dependency;
import coursierapi.Fetch;
import coursierapi.MavenRepository;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Resolves the dependencies of a build.sbt as sbt does, with Coursier, and prints the class path: {@code Resolve build.sbt staged cache}. */
public final class Resolve {
    public static void main(String[] args) throws Exception {
        Fetch fetch = Fetch.create()
                .addRepositories(MavenRepository.of(Path.of(args[1]).toUri().toString()))
                .withCache(coursierapi.Cache.create().withLocation(new File(args[2])));
        Matcher lines =
                Pattern.compile("\"(io.residual)\" % \"(.*?)\" % \"(.*?)\"").matcher(Files.readString(Path.of(args[0])));
        while (lines.find()) {
            fetch.addDependencies(Dependency.of(lines.group(1), lines.group(2), lines.group(3)));
        }
        System.out.println(fetch.fetch().stream().map(File::getPath).collect(Collectors.joining(File.pathSeparator)));
    }
}
