package io.residual.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every program text in the Javadoc of the public interface and in the guide for Java engineers is a passage of a file that is
 * compiled and run: the examples, which {@link ExamplesTest} runs, and the consumers, which packaging/consumers/run does.
 */
class SnippetsTest {
    private static final Path HOME = Path.of("../..");
    private static final Pattern FENCE = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```$");
    private static final Pattern JAVADOC = Pattern.compile("(?s)<pre>\\{@code\\n(.*?)\\n \\* \\}</pre>");

    private static List<String> sources(String folder, String pattern) throws IOException {
        try (Stream<Path> files = Files.walk(HOME.resolve(folder))) {
            List<String> texts = new ArrayList<>();
            for (Path file :
                    files.filter(f -> f.toString().matches(pattern)).sorted().toList()) {
                texts.add(Files.readString(file));
            }
            return texts;
        }
    }

    /** Lines without what all of them are indented by. */
    private static List<String> plain(List<String> lines) {
        int indent = lines.stream()
                .filter(l -> !l.isBlank())
                .mapToInt(l -> l.length() - l.stripLeading().length())
                .min()
                .orElse(0);
        return lines.stream()
                .map(l -> l.isBlank() ? "" : l.substring(indent).stripTrailing())
                .toList();
    }

    private static boolean has(String source, List<String> passage) {
        List<String> lines = source.lines().toList();
        for (int i = 0; i + passage.size() <= lines.size(); i++) {
            if (plain(lines.subList(i, i + passage.size())).equals(passage)) {
                return true;
            }
        }
        return false;
    }

    private static void requireIn(List<String> sources, String passage, String where) {
        List<String> lines = plain(passage.lines().toList());
        assertTrue(!lines.isEmpty(), where);
        assertTrue(sources.stream().anyMatch(s -> has(s, lines)), where + ": no file that is run has\n" + passage);
    }

    @Test
    void programsInTheJavadoc_areThoseThatRun() throws IOException {
        List<String> examples = sources("examples/java/src/main", ".*\\.java");
        int found = 0;
        for (String type : sources("library/src/main", ".*\\.java")) {
            Matcher snippets = JAVADOC.matcher(type);
            while (snippets.find()) {
                found++;
                requireIn(examples, snippets.group(1).replaceAll("(?m)^ \\* ?", ""), "Javadoc");
            }
            long begun = Pattern.compile("<pre>").matcher(type).results().count();
            assertEquals(
                    begun, JAVADOC.matcher(type).results().count(), "each <pre> is a program text of the known form");
        }
        assertTrue(found >= 7, found + " found");
    }

    @Test
    void programsInTheGuide_areThoseThatRun() throws IOException {
        List<String> run = new ArrayList<>(sources("examples/java/src/main", ".*\\.java"));
        run.addAll(sources("packaging/consumers", ".*\\.(java|kt|gradle|xml|sbt|properties)"));
        run.addAll(sources("examples/spring/src/main", ".*\\.properties"));
        Matcher fences = FENCE.matcher(Files.readString(HOME.resolve("docs/using-the-library.md")));
        int found = 0;
        while (fences.find()) {
            if (!fences.group(1).matches("sh|text|dockerfile")) {
                found++;
                requireIn(run, fences.group(2), "docs/using-the-library.md");
            }
        }
        assertTrue(found >= 8, found + " found");
    }
}
