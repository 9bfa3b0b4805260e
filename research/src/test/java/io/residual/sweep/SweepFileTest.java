package io.residual.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.Method;
import io.residual.base.InputException;
import io.residual.data.DatasetSpec;
import io.residual.experiment.FewShots;
import io.residual.fit.AlignmentSettings;
import io.residual.sweep.Sweep.Variant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class SweepFileTest {
    static final List<String> SHIPPED = SweepFile.SHIPPED;

    private static Sweep parse(String data, String methods) {
        return SweepFile.parse("models: [world-clip]\ndata: [" + data + "]\nmethods: [" + methods + "]\n", "x.yaml");
    }

    @ParameterizedTest
    @FieldSource("SHIPPED")
    void whatShips_isReadable(String name) {
        Sweep sweep = SweepFile.read(name);
        assertTrue(sweep.fits().size() >= sweep.variants().size());
    }

    @Test
    void embedded_isThreeByTenByAllMethodsForManyLabels() {
        Sweep sweep = SweepFile.read("embedded");
        assertEquals(3, sweep.models().size());
        assertEquals(10, sweep.data().size());
        List<Method> methods =
                sweep.variants().stream().map(Variant::method).distinct().toList();
        assertEquals(Arrays.stream(Method.values()).filter(m -> !m.fewLabels()).count(), methods.size());
    }

    @Test
    void fewLabels_isThreeByTenByEveryMethodForFewLabels() {
        Sweep sweep = SweepFile.read("few-labels");
        assertEquals(3, sweep.models().size());
        assertEquals(10, sweep.data().size());
        assertEquals(5, sweep.draws());
        assertTrue(sweep.shots().containsAll(List.of(1, 2, 4, 8, 16)));
        List<Method> methods = sweep.variants().stream().map(Variant::method).toList();
        for (Method method : Method.values()) {
            assertTrue(!method.fewLabels() || methods.contains(method), method.id());
        }
    }

    @Test
    void keys_changeWhatTheySay() {
        Variant variant = parse(
                        "world:signs",
                        "{method: residual-star, preset: paper, means: restored, rate: 0.1, variance: 0.5, seed: 4,"
                                + " name: mine}")
                .variants()
                .get(0);
        AlignmentSettings settings = variant.settings().alignment();
        assertEquals("mine", variant.name());
        assertEquals(Means.RESTORED, settings.means());
        assertEquals(AlignmentSettings.Start.RANDOM, settings.start());
        assertEquals(4, settings.seed());
        assertEquals(.5, settings.variance());
        AlignmentSettings.Epochs epochs = assertInstanceOf(AlignmentSettings.Epochs.class, settings.fitting());
        assertEquals(AlignmentSettings.Optimiser.SCHEDULE_FREE, epochs.optimiser());
        assertEquals(.1, epochs.rate());
    }

    @Test
    void shots_areDrawnOftenAndAllImagesOnce() {
        Sweep sweep = SweepFile.parse(
                "models: [m]\ndata: [d]\nmethods: [base, linear]\nshots: [2, all]\ndraws: 3\n", "x.yaml");
        assertEquals(2 * 3 + 2, sweep.fits().size());
        assertEquals(
                2, sweep.fits().stream().filter(f -> f.shots() == FewShots.ALL).count());
    }

    @Test
    void labels_areTheLastPartOfNames() {
        Sweep sweep = parse("\"world:signs\", path/to/birds/, uoft-cs/cifar10, {source: d, label: mine}", "base");
        assertEquals(
                List.of("signs", "birds", "cifar10", "mine"),
                sweep.data().stream().map(Sweep.Data::label).toList());
    }

    /** The message names the file, the place and what would do. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "models: [m]\\ndata: [d]\\nmethod: [base]; x.yaml: found an entry 'method'; Did you mean 'methods'?",
                "models: [m]\\ndata: [d]\\nmethods: [magic]; x.yaml, methods[0], the method; found 'magic'",
                "models: [m]\\ndata: [d]\\nmethods: [base, resdual]; methods[1]; Did you mean 'residual'?",
                "models: [m]\\ndata: [d]\\nmethods: [base, base]; methods; 'Base' twice",
                "models: [m]\\ndata: []\\nmethods: [base]; data; at least one entry",
                "models: [m]\\n"
                        + "data: [d]\\n"
                        + "methods: [{method: residual, rate: 1}]; methods[0], 'rate': found 1; quasi-Newton",
                "models: [m]\\n"
                        + "data: [d]\\n"
                        + "methods: [{method: residual, means: lost}]; methods[0], 'means'; dropped or restored",
                "models: [m]\\n"
                        + "data: [d]\\n"
                        + "methods: [{method: residual, penalties: 3.0}]; penalties': found 3.0; a list of numbers",
                "models: [m]\\n"
                        + "data: [d]\\n"
                        + "methods: [{method: residual, penalties: [abc]}]; penalties': found \"abc\"; a finite number",
                "models: [m]\\n"
                        + "data: [d]\\n"
                        + "methods: [{method: base, accept: 7}]; methods[0], accept: found 7.0; a share",
                "models: [m]\\ndata: [d]\\nmethods: [{method: coarse, variance: .5}]; variance': found 0.5; for coarse",
                "models: [m]\\n"
                        + "data: [d]\\n"
                        + "methods: [{method: base, penalties: [1.0]}]; penalties': found [1.0]; for base",
                "models: [m]\\ndata: [{source: d, templates: [a photo]}]\\nmethods: [base]; templates; {}",
                "models: [m]\\ndata: [{source: d, classes: [true, false]}]\\nmethods: [base]; classes; quotation marks",
                "models: [m]\\ndata: [d]\\nmethods: [base]\\nshots: [0]; shots; numbers of images",
                "models: [m]\\ndata: [d]\\nmethods: [base]\\nshots: 4; shots': found 4; a list",
                "models: [m]\\ndata: [d]\\nmethods: [base]\\nshots: [1]\\ndraws: 2147483647; draws; 1 to 10000",
                "models: [m]\\ndata: [d]\\nmethods: [base]\\ndraws: 3; draws; where shots names no number",
                "models: [m]\\ndata: [d]\\nmethods: [base]\\nbases: [x]; bases': found [\"x\"]; a text",
                "models: [m]\\ndata: [d]\\nmethods: [base]\\nname: [1]; name': found [1]; a text",
                "models: [m]\\n"
                        + "data: [d]\\n"
                        + "methods: [base]\\n"
                        + "splits: {test-share: 1.0}; splits', 'test-share'; between 0 and 1",
                "models: [m]\\nmodels: [m]\\ndata: [d]\\nmethods: [base]; invalid YAML; Duplicate",
                "models: [&m world-clip, *m]\\ndata: [d]\\nmethods: [base]; the alias *m; Write the value out",
                "models: [m]\\ndata: [d]\\nmethods: [base]\\n---\\nname: second; invalid YAML; Correct the file",
                "models: [m; invalid YAML; Correct the file",
                "- 1; x.yaml: found [1]; names with values",
                "# nothing; x.yaml: found nothing; names with values",
            })
    void mistakes_areNamed(String yaml, String where, String what) {
        InputException e =
                assertThrows(InputException.class, () -> SweepFile.parse(yaml.replace("\\n", "\n"), "x.yaml"));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains(where) && message.contains(what), message);
    }

    /** Entries, each in a file where {@code ?} is its value, and what the sweep then says of it. */
    private static final Map<String, Function<Sweep, Object>> ENTRIES = new LinkedHashMap<>();

    private static void entry(String file, Function<Sweep, Object> says) {
        ENTRIES.put(file, says);
    }

    private static void data(String key, Function<Sweep.Data, Object> says) {
        String source = key.equals("source") ? "" : "source: d, ";
        entry(
                "models: [m]\nmethods: [base]\ndata: [{" + source + key + ": ?}]",
                sweep -> says.apply(sweep.data().get(0)));
    }

    private static void method(String method, String key, Function<Variant, Object> says) {
        entry(
                "models: [m]\ndata: [d]\nmethods: [{method: " + method + ", " + key + ": ?}]",
                sweep -> says.apply(sweep.variants().get(0)));
    }

    private static void epochs(String key, Function<AlignmentSettings.Epochs, Object> says) {
        String method = key.startsWith("linear") ? "linear" : "residual";
        method(
                method + ", fit: adamw",
                key,
                v -> says.apply(
                        (AlignmentSettings.Epochs) v.settings().alignment().fitting()));
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static {
        String rest = "models: [m]\ndata: [d]\nmethods: [base]\n";
        entry(rest + "name: ?", Sweep::name);
        entry(rest.replace("[m]", "?"), Sweep::models);
        entry(
                rest.replace("[d]", "?"),
                s -> s.data().stream().map(d -> d.recipe().source()).toList());
        entry(
                rest.replace("[base]", "?"),
                s -> s.variants().stream().map(v -> v.method().id()).toList());
        entry(rest + "bases: ?", Sweep::bases);
        entry(rest + "forgetting: ?", Sweep::forgetting);
        entry(rest + "keep-towers: ?", Sweep::keepTowers);
        entry(rest + "shots: [1]\ndraws: ?", Sweep::draws);
        entry(rest + "shots: ?", s -> s.shots().stream()
                .map(count -> count == FewShots.ALL ? "all" : (Object) count)
                .toList());
        for (String where : List.of("splits", "data")) {
            Map<String, Function<DatasetSpec, Object>> recipe = Map.of(
                    "train", DatasetSpec::train,
                    "validation", DatasetSpec::validation,
                    "test", DatasetSpec::test,
                    "validation-share", DatasetSpec::validationShare,
                    "test-share", DatasetSpec::testShare,
                    "seed", DatasetSpec::seed);
            recipe.forEach((key, says) -> entry(
                    where.equals("splits")
                            ? rest + "splits: {" + key + ": ?}"
                            : rest.replace("[d]", "[{source: d, splits: {" + key + ": ?}}]"),
                    s -> says.apply(s.data().get(0).recipe())));
        }
        data("source", d -> d.recipe().source());
        data("label", Sweep.Data::label);
        data("label-column", d -> String.valueOf(d.reading().label()));
        data("classes", d -> d.reading().classes());
        data("templates", Sweep.Data::templates);
        data("pooled", d -> d.reading().pooled());
        data("expected", Sweep.Data::expected);
        method("base", "name", Variant::name);
        method("base", "target-accuracy", v -> v.settings().targetAccuracy());
        method("residual", "bases", Variant::bases);
        method(
                "residual",
                "preset",
                v -> v.settings().alignment().equals(AlignmentSettings.PAPER) ? "paper" : "default");
        method("residual", "means", v -> name(v.settings().alignment().means()));
        method(
                "residual-star",
                "star-others",
                v -> name(v.settings().alignment().starOthers()));
        method("residual-star", "variance", v -> v.settings().alignment().variance());
        method("residual", "seed", v -> v.settings().alignment().seed());
        method(
                "residual",
                "fit",
                v -> v.settings().alignment().fitting() instanceof AlignmentSettings.Epochs epochs
                        ? name(epochs.optimiser())
                        : "quasi-newton");
        method("residual", "penalties", v -> ((AlignmentSettings.Path)
                        v.settings().alignment().fitting())
                .penalties());
        method("residual", "iterations", v -> ((AlignmentSettings.Path)
                        v.settings().alignment().fitting())
                .iterations());
        method(
                "residual, fit: adamw",
                "start",
                v -> name(v.settings().alignment().start()));
        epochs("rate", AlignmentSettings.Epochs::rate);
        epochs("linear-rate", AlignmentSettings.Epochs::linearRate);
        epochs("batch", AlignmentSettings.Epochs::batch);
        epochs("epochs", AlignmentSettings.Epochs::epochs);
        epochs("patience", AlignmentSettings.Epochs::patience);
        method("finetune", "rate", v -> v.settings().tuning().rate());
        method("finetune", "batch", v -> v.settings().tuning().batch());
        method("finetune", "epochs", v -> v.settings().tuning().epochs());
        method("finetune", "patience", v -> v.settings().tuning().patience());
        method("finetune", "seed", v -> v.settings().tuning().seed());
    }

    static final List<String> PLACES = List.copyOf(ENTRIES.keySet());

    /** Every type and many a bound; some are right for some entries. */
    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "false",
            "0",
            "1",
            "3",
            "-1",
            "2.5",
            "-0.5",
            "0.5",
            "3.0",
            "2147483648",
            "9223372036854775808",
            ".nan",
            ".inf",
            "1.0e+400",
            "\"\"",
            "\" \"",
            "abc",
            "\"3\"",
            "all",
            "own",
            "paper",
            "dropped",
            "kept",
            "random",
            "adamw",
            "[]",
            "[1]",
            "[3.0, 1.0]",
            "[1.0, 3.0]",
            "[abc]",
            "[abc, abc]",
            "[null]",
            "[[1]]",
            "[\"{}\"]",
            "[base]",
            "[all]",
            "[1, all]",
            "{}",
            "{a: 1}",
            "{train: 3}",
            "[{a: 1}]",
            "2024-01-01",
            "0x10",
            "~",
            "!!str 4");

    /** Whatever stands in a file, it is refused, or the sweep does what it says. */
    @ParameterizedTest
    @FieldSource("PLACES")
    void anyValue_isRefusedOrMeansWhatItSays(String place) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        int accepted = 0;
        for (String value : VALUES) {
            Sweep sweep;
            try {
                sweep = SweepFile.parse(place.replace("?", value), "x.yaml");
            } catch (InputException e) {
                assertTrue(String.valueOf(e.getMessage()).startsWith("x.yaml"), e.getMessage());
                continue;
            }
            accepted++;
            JsonNode written = new YAMLMapper().readTree("v: " + value).path("v");
            JsonNode says = mapper.readTree(mapper.writeValueAsString(
                    Objects.requireNonNull(ENTRIES.get(place)).apply(sweep)));
            assertTrue(says.equals(SweepFileTest::numbers, written), place + " with " + value + " became " + says);
        }
        assertTrue(accepted > 0 || place.contains("label-column"), "no value of the list suits " + place);
    }

    /** 3 and 3.0 are the same number. */
    private static int numbers(JsonNode a, JsonNode b) {
        return a.equals(b) || (a.isNumber() && b.isNumber() && a.doubleValue() == b.doubleValue()) ? 0 : 1;
    }

    private static final String ROOTED = """
        root: %s
        models: ["$root/tower"]
        data: ["$root/sets/one", {source: "$root/sets/two", label: second}]
        methods: [base, {method: linear, shots: [all]}]
        shots: [1, 4, all]
        draws: 2
        """;

    private static String refused(org.junit.jupiter.api.function.Executable action) {
        return String.valueOf(assertThrows(InputException.class, action).getMessage());
    }

    @Test
    void root_standsForAFolder_thatMayBeGivenInstead() {
        Sweep sweep = SweepFile.parse(ROOTED.formatted("../shared"), "x.yaml");
        assertEquals(List.of("../shared/tower"), sweep.models());
        assertEquals("../shared/sets/two", sweep.data().get(1).recipe().source());
        assertEquals("one", sweep.data().get(0).label());
        Sweep other = SweepFile.parse(ROOTED.formatted("../shared"), "x.yaml", "/data/");
        assertEquals(List.of("/data/tower"), other.models());
        assertEquals("/data/sets/one", other.data().get(0).recipe().source());
    }

    @Test
    void root_thatMeansNothing_orIsMissing_isRefused() {
        String plain = "models: [world-clip]\ndata: [world:signs]\nmethods: [base]\n";
        assertTrue(refused(() -> SweepFile.parse(plain, "x.yaml", "/data")).contains("--root"));
        assertTrue(refused(() -> SweepFile.parse("root: /data\n" + plain, "x.yaml"))
                .contains("root"));
        String none = ROOTED.substring(ROOTED.indexOf("models"));
        assertTrue(refused(() -> SweepFile.parse(none, "x.yaml")).contains("--root FOLDER"));
    }

    /** All that is missing in one message, before anything is opened. */
    @Test
    void whatIsMissingBelowTheRoot_isNamedAtOnce() {
        Sweep sweep = SweepFile.parse(ROOTED.formatted("/no/such/folder"), "x.yaml");
        for (org.junit.jupiter.api.function.Executable check : List.<org.junit.jupiter.api.function.Executable>of(
                () -> SweepCheck.text(sweep), () -> SweepCheck.notes(sweep), () -> SweepCheck.names(sweep))) {
            String message = refused(check);
            assertTrue(
                    message.contains("no such folder")
                            && message.contains("no tower, no sets/one, no sets/two")
                            && message.contains("--root"),
                    message);
        }
    }

    @Test
    void aMethodsShots_areThoseItIsFittedWith() {
        Sweep sweep = SweepFile.parse(ROOTED.formatted("r"), "x.yaml");
        assertEquals(2 + 2 + 2, sweep.fits().size());
        String wrong = ROOTED.formatted("r").replace("shots: [all]}", "shots: [2]}");
        assertTrue(refused(() -> SweepFile.parse(wrong, "x.yaml")).contains("shots"));
    }

    @Test
    void aPart_hasThoseThatAreNamed_andIsFittedAsTheWholeIs() {
        Sweep sweep = SweepFile.parse(ROOTED.formatted("r"), "x.yaml");
        Sweep part = sweep.part(List.of(), List.of("second"), List.of("Linear Aligner"), List.of(FewShots.ALL));
        assertEquals(
                List.of("second"), part.data().stream().map(Sweep.Data::label).toList());
        assertEquals(1, part.fits().size());
        assertEquals(sweep.allImagesOnly(), part.allImagesOnly());
        assertEquals( // by its id, a method is all its variants
                sweep.variants().stream()
                        .filter(v -> v.method().id().equals("linear"))
                        .toList(),
                sweep.part(List.of(), List.of(), List.of("linear"), List.of()).variants());
        Sweep three = SweepFile.read("few-labels");
        assertEquals(
                List.of("world-blip"),
                three.part(List.of("world-blip"), List.of(), List.of(), List.of())
                        .models());
        assertTrue(refused(() -> three.part(List.of("world-blp"), List.of(), List.of(), List.of()))
                .contains("'world-blip'"));
        assertTrue(refused(() -> sweep.part(List.of(), List.of("secnd"), List.of(), List.of()))
                .contains("'second'"));
        assertTrue(refused(() -> sweep.part(List.of(), List.of(), List.of("Lineal"), List.of()))
                .contains("--method"));
        assertTrue(refused(() -> sweep.part(List.of(), List.of(), List.of(), List.of(2)))
                .contains("1, 4, all"));
    }

    @Test
    void names_areTwoPatterns() {
        String yaml = "models: [m]\nmethods: [base]\ndata: [{source: s, names: {label: \"%s\", test: \"%s\"}}]\n";
        assertEquals(
                new io.residual.data.NamedLabels("-([a-z]+)", "3$"),
                SweepFile.parse(yaml.formatted("-([a-z]+)", "3$"), "x.yaml")
                        .data()
                        .get(0)
                        .reading()
                        .names());
        for (String[] wrong : new String[][] {{"-[a-z]+", "3$"}, {"-([a-z]+", "3$"}, {"(a)", "["}}) {
            String message = refused(() -> SweepFile.parse(yaml.formatted(wrong[0], wrong[1]), "x.yaml"));
            assertTrue(message.contains("names"), message);
        }
    }

    @Test
    void labels_areATableOfCorrections_ofOneDataSet(@org.junit.jupiter.api.io.TempDir java.nio.file.Path folder)
            throws java.io.IOException {
        java.nio.file.Path table =
                java.nio.file.Files.writeString(folder.resolve("fixes.csv"), "file,action,value\nx.png,drop,\n");
        String yaml = "root: %s\nmodels: [m]\nmethods: [base]\ndata: [{source: s, labels: \"$root/%s\"}]\n";
        var corrected = Objects.requireNonNull(SweepFile.parse(yaml.formatted(folder, "fixes.csv"), "x.yaml")
                .data()
                .get(0)
                .recipe()
                .corrected());
        assertEquals(table.toString(), corrected.file());
        assertTrue(refused(() -> SweepFile.parse(yaml.formatted(folder, "none.csv"), "x.yaml"))
                .contains("none.csv"));
        String several = yaml.formatted(folder, "fixes.csv").replace("source: s", "source: \"world:all\"");
        assertTrue(refused(() -> SweepFile.parse(several, "x.yaml")).contains("labels"), several);
    }
}
