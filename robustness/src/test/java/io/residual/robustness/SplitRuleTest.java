package io.residual.robustness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.residual.data.Dataset;
import io.residual.experiment.Traces;
import io.residual.units.TraceFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What fits, chooses or recommends has no test split at hand. That rule is about sources: class files keep neither the types
 * of local variables nor type arguments of calls, so a rule about them would hold whatever the code does. Who calls what gives
 * test images does stand in class files, and only a few may.
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
            + "|\\bTraceFolder\\s*\\.\\s*test\\b"
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
        for (String file : List.of("FewShots", "FittingSplits", "Recommendation", "HeldOut")) {
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

    /** Whose method {@code test} gives test images, or a trace of them. */
    private static final Set<String> DOORS =
            Set.of(Dataset.class.getName(), Traces.class.getName(), TraceFolder.class.getName());

    /** Who opens a test split, with the reason. Whoever is not here asks {@code Experiment}. */
    private static final Map<String, String> OPENERS = Map.ofEntries(
            Map.entry(
                    "io.residual.data.NamedLabels",
                    "gives all images other labels and splits them anew; it reads no image"),
            Map.entry("io.residual.experiment.TestSplit", "is an experiment's door: nothing is fitted once it is open"),
            Map.entry(
                    "io.residual.experiment.Experiment", "traces it again for a tower that was tuned, once it is open"),
            Map.entry(
                    "io.residual.experiment.Experiments",
                    "traces the test split for an experiment, when that opens it"),
            Map.entry(
                    "io.residual.audit.AuditImages",
                    "looks for twins and wrong labels in all splits; keeps nothing that it fits"),
            Map.entry(
                    "io.residual.data.LabelFixes", "puts images where a table of corrections says; it reads no image"),
            Map.entry("io.residual.data.Audit", "looks for images that are in two splits, before anything is fitted"),
            Map.entry("io.residual.survey.Survey", "describes the data sets of a finished sweep, and chooses nothing"),
            Map.entry(
                    "io.residual.survey.LayerStudy",
                    "probes each layer of a finished sweep's traces, and chooses nothing"),
            Map.entry("io.residual.cli.TraceCommand", "writes a trace of the split that the user names"),
            Map.entry("io.residual.sweep.SweepTraces", "keeps an experiment's traces on disk"),
            Map.entry(
                    "io.residual.sweep.SweepRunner", "stores the hash of the images that a finished fit was tested on"),
            Map.entry("io.residual.sweep.SweepForgetting", "measures finished adapters on other data sets"));

    /** Calls, other than the types of local variables, stand in class files, those by reference and from lambdas included. */
    @Test
    void onlyTheseOpenATestSplit() {
        Set<String> found = new TreeSet<>();
        for (JavaClass each : PackageOrderTest.CLASSES) {
            if (openings(each) > 0) {
                found.add(each.getName().replaceFirst("\\$.*", ""));
            }
        }
        assertEquals(new TreeSet<>(OPENERS.keySet()), found);
    }

    /** An audit sees the labels of all splits; the order for labelling selects images, and so does not see those of the test split. */
    @Test
    void orderForLabelling_asksForNoTestLabels() {
        List<String> asked = new ArrayList<>();
        for (JavaClass each : PackageOrderTest.CLASSES) {
            if (each.getName().startsWith("io.residual.audit.Label")
                    && !each.getName().startsWith("io.residual.audit.LabelErrors")) {
                Stream.concat(each.getMethodCallsFromSelf().stream(), each.getMethodReferencesFromSelf().stream())
                        .map(access -> (CodeUnitAccessTarget) access.getTarget())
                        .filter(t -> t.getOwner().getName().equals("io.residual.audit.AuditImages")
                                && t.getName().startsWith("label"))
                        .forEach(t -> asked.add(t.getName()));
            }
        }
        assertEquals(List.of("labelsOutsideTest"), asked.stream().distinct().toList());
    }

    private static long openings(JavaClass each) {
        return Stream.concat(each.getMethodCallsFromSelf().stream(), each.getMethodReferencesFromSelf().stream())
                .map(access -> (CodeUnitAccessTarget) access.getTarget())
                .filter(target -> target.getName().equals("test")
                        && DOORS.contains(target.getOwner().getName()))
                .count();
    }

    /** Opens what it should not, in each way that the language has. */
    static final class Planted {
        private Planted() {}

        static int call(Dataset dataset) {
            return dataset.test().size();
        }

        static Function<Dataset, ?> reference() {
            return Dataset::test;
        }

        static Supplier<?> lambda(Traces traces) {
            return () -> traces.test();
        }
    }

    @Test
    void aPlantedOpening_isFound() {
        assertEquals(3, openings(new ClassFileImporter().importClass(Planted.class)));
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
