import java.io.File;
import java.util.Map;
import java.util.stream.Collectors;
import org.gradle.api.Project;
import org.gradle.testfixtures.ProjectBuilder;

/**
 * Evaluates a build.gradle with Gradle itself and prints the class path to compile with, then the one to run with, as Gradle resolves
 * them: {@code Resolve folder staged home}. Gradle's launcher is not on Maven Central; what it launches is, as one jar.
 */
public final class Resolve {
    public static void main(String[] args) throws Exception {
        Project project = ProjectBuilder.builder()
                .withProjectDir(new File(args[0]))
                .withGradleUserHomeDir(new File(args[2]))
                .build();
        project.getRepositories().maven(staged -> staged.setUrl(new File(args[1]).toURI()));
        project.apply(Map.of("from", "build.gradle"));
        for (String name : new String[] {"compileClasspath", "runtimeClasspath"}) {
            System.out.println(project.getConfigurations().getByName(name).resolve().stream()
                    .map(File::getPath)
                    .collect(Collectors.joining(File.pathSeparator)));
        }
        System.exit(0); // Gradle's threads
    }
}
