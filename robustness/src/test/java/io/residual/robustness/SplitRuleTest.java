package io.residual.robustness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What fits, chooses or recommends has no test split at hand. The rule is about sources: class files keep neither the types
 * of local variables nor type arguments of calls, so a rule about them would hold whatever the code does.
 */
class SplitRuleTest {
    private static Path sources(String module, String room) {
        return Path.of("..", module, "src/main/java/io/residual", room);
    }

    /** The type under any spelling, an import that would shorten it, the doors to it, and the score that opens it. */
    private static final Pattern FORBIDDEN = Pattern.compile("\\bSplit\\s*\\.\\s*Test\\b"
            + "|\\bimport\\s+(static\\s+)?io\\s*\\.\\s*residual\\s*\\.\\s*data\\s*\\.\\s*Split\\s*\\."
            + "|\\bopenTest\\b"
            + "|\\bdataset\\s*(\\(\\s*\\))?\\s*\\.\\s*test\\s*\\(\\s*\\)"
            + "|\\bDataset\\s*::\\s*test\\b"
            + "|\\bTraceFolder\\s*\\.\\s*(test|any)\\b"
            + "|\\bTestScore\\b");

    /** Comments, strings and character literals, which may speak of anything. */
    private static final Pattern SILENT = Pattern.compile(
            "/\\*.*?\\*/|//[^\\n]*|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])+'", Pattern.DOTALL);

    private static List<String> violations(String source) {
        List<String> found = new ArrayList<>();
        FORBIDDEN.matcher(SILENT.matcher(source).replaceAll(" ")).results().forEach(match -> found.add(match.group()));
        return found;
    }

    private static List<Path> choosing() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path folder : List.of(
                sources("analysis", "spectrum"),
                sources("analysis", "description"),
                sources("analysis", "zeroshot"),
                sources("adapters", "adapt"),
                sources("fitting", "fit"))) {
            try (Stream<Path> each = Files.walk(folder)) {
                each.filter(f -> f.toString().endsWith(".java")).forEach(files::add);
            }
        }
        for (String file : List.of("FewShots", "Recommendation", "HeldOut")) {
            files.add(sources("fitting", "experiment").resolve(file + ".java"));
        }
        return files;
    }

    @Test
    void whatFitsChoosesOrRecommends_hasNoTestSplitAtHand() throws IOException {
        List<Path> files = choosing();
        assertTrue(files.size() > 40, files.size() + " files: the rule must see the sources, or it holds vacuously");
        for (Path file : files) {
            assertEquals(List.of(), violations(Files.readString(file)), file.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Trace<Split.Test> test = comparison.traced(dataset);",
                "Trace<io.residual.data.Split\n    .Test> test = given;",
                "var test = comparison.openTest(dataset);",
                "import static io.residual.data.Split.Test;",
                "import io.residual.data.Split.*;",
                "var images = prepared.dataset().test();",
                "var images = dataset.test();",
                "Function<Dataset, ?> door = Dataset::test;",
                "var trace = TraceFolder.test(folder);",
                "double best = TestScore.of(adapter, classifier, traced).value();",
                "String s = \"//\"; var test = comparison.openTest(dataset);"
            })
    void aPlantedViolation_isFound(String line) throws IOException {
        String file = Files.readString(sources("fitting", "fit").resolve("PathFit.java"));
        int body = file.indexOf("Solution solve() {") + "Solution solve() {".length();
        String planted = line.startsWith("import")
                ? file.replaceFirst("import ", line.replace("$", "\\$") + "\nimport ")
                : file.substring(0, body) + "\n" + line + file.substring(body);
        assertEquals(1, violations(planted).size(), () -> violations(planted).toString());
    }

    @Test
    void commentsAndStrings_mayNameIt() {
        assertEquals(
                List.of(),
                violations("/** {@link Split.Test} */ // openTest\nString s = \"Split.Test \\\" openTest\";"));
    }
}
