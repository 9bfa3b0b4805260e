package io.residual.sweep;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.residual.adapt.Method;
import io.residual.base.FileNames;
import io.residual.base.InputException;
import io.residual.base.JsonObject;
import io.residual.base.Similar;
import io.residual.base.TextFiles;
import io.residual.catalogue.BasisImages;
import io.residual.catalogue.Datasets;
import io.residual.data.DatasetSpec;
import io.residual.data.NamedLabels;
import io.residual.data.Reading;
import io.residual.data.Splitting;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.FewShots;
import io.residual.experiment.FitSettings;
import io.residual.sweep.Sweep.Data;
import io.residual.sweep.Sweep.Variant;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads sweeps from YAML. Every entry must be known, of its type, within bounds, and mean something where it stands: one that is
 * misread would silently change what is measured.
 */
public final class SweepFile {
    /** The sweeps that ship, by name. */
    public static final List<String> SHIPPED =
            List.of("embedded", "few-labels", "settings", "paper", "real", "shape-texture");

    private static final Set<String> KEYS = new LinkedHashSet<>(List.of(
            "name",
            "root",
            "models",
            "data",
            "splits",
            "methods",
            "bases",
            "shots",
            "draws",
            "forgetting",
            "keep-towers"));
    private static final String ROOT = "$root";
    private static final Set<String> SPLITS =
            new LinkedHashSet<>(List.of("train", "validation", "test", "validation-share", "test-share", "seed"));
    private static final Set<String> DATA = new LinkedHashSet<>(List.of(
            "source", "label", "label-column", "classes", "templates", "splits", "pooled", "names", "expected"));
    private static final String REMEDY = "Correct the file";
    private static final int LONGEST = 1 << 20;
    private static final int MOST = 10_000;

    private final String source;
    private final @Nullable String givenRoot;
    private @Nullable String root;

    private SweepFile(String source, @Nullable String givenRoot) {
        this.source = source;
        this.givenRoot = givenRoot;
    }

    /** Reads a sweep that ships, by its name, or a file. */
    public static Sweep read(String name) {
        return read(name, null);
    }

    /**
     * Reads a sweep that ships, by its name, or a file.
     *
     * @param root the folder that {@code $root} stands for instead of the file's own; null for the file's own
     * @throws InputException if a root is given and the file says {@code $root} nowhere
     */
    public static Sweep read(String name, @Nullable String root) {
        if (SHIPPED.contains(name)) {
            String resource = "/io/residual/sweep/" + name + ".yaml";
            try (InputStream in = Objects.requireNonNull(SweepFile.class.getResourceAsStream(resource), resource)) {
                return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), name, root);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the resource " + resource, e);
            }
        }
        Path file = FileNames.path("the sweep", name);
        if (!Files.exists(file)) {
            throw InputException.at(
                    file,
                    "no such file",
                    "a YAML file, or one of " + SHIPPED,
                    Similar.remedy(name, SHIPPED, "Check the path"));
        }
        return parse(TextFiles.read(file, "a sweep as YAML", LONGEST), name, root);
    }

    /** Reads a sweep from its text. {@code source} is for messages. */
    public static Sweep parse(String yaml, String source) {
        return parse(yaml, source, null);
    }

    /** As {@link #read(String, String)}, from its text. {@code source} is for messages. */
    public static Sweep parse(String yaml, String source, @Nullable String root) {
        try {
            requireSingle(yaml, source);
            JsonNode tree = new ObjectMapper(new YAMLFactory())
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(yaml);
            return new SweepFile(source, root).sweep(JsonObject.of(tree, source, REMEDY));
        } catch (JsonProcessingException e) {
            throw InputException.at(source, "invalid YAML (" + reason(e) + ")", "YAML", REMEDY, e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + source, e);
        }
    }

    /** What is wrong and where, without the drawing that the parser adds. */
    private static String reason(JsonProcessingException e) {
        String[] lines = e.getOriginalMessage().strip().split("\\R", 2);
        return e.getLocation() == null
                ? lines[0]
                : lines[0] + ", line " + e.getLocation().getLineNr();
    }

    /** The parser would take an alias for a text, and leave out a second document. */
    private static void requireSingle(String yaml, String source) throws IOException {
        try (YAMLParser parser = new YAMLFactory().createParser(yaml)) {
            while (parser.nextToken() != null) {
                if (parser.isCurrentAlias()) {
                    throw InputException.at(
                            source + ", line " + parser.currentTokenLocation().getLineNr(),
                            "the alias *" + parser.getText(),
                            "values",
                            "Write the value out");
                }
            }
        }
    }

    private Sweep sweep(JsonObject file) {
        file.only(KEYS);
        if (file.given("root") && file.text("root").isBlank()) {
            throw file.wrong("root", "the folder that " + ROOT + " stands for");
        }
        root = givenRoot != null ? givenRoot : file.given("root") ? file.text("root") : null;
        JsonObject splits = file.objectOrEmpty("splits").only(SPLITS);
        List<Data> data = new ArrayList<>();
        List<JsonNode> sources = file.list("data");
        for (int i = 0; i < sources.size(); i++) {
            data.addAll(data(named(sources.get(i), "source", "data[" + i + "]"), splits));
        }
        List<Integer> shots = file.given("shots") ? shots(file) : List.of(FewShots.ALL);
        String bases = file.text("bases", BasisImages.AUTO);
        List<Variant> variants = new ArrayList<>();
        List<JsonNode> methods = file.list("methods");
        for (int i = 0; i < methods.size(); i++) {
            variants.add(variant(named(methods.get(i), "method", "methods[" + i + "]"), bases, shots));
        }
        List<String> models =
                texts(file, "models").stream().map(m -> rooted(file, m)).toList();
        boolean rooted = models.stream().anyMatch(this::isBelowRoot)
                || data.stream().anyMatch(d -> isBelowRoot(d.recipe().source()));
        if (root != null && !rooted) {
            throw InputException.at(
                    givenRoot != null ? "--root" : source + ", root",
                    "'" + root + "'",
                    "a sweep that says " + ROOT + "/… of a model or data set",
                    "Leave it out, or write " + ROOT + "/ before what lies there");
        }
        boolean few = shots.stream().anyMatch(count -> count != FewShots.ALL);
        if (file.given("draws") && !few) {
            throw file.wrong("draws", "no such entry where shots names no number of images");
        }
        Sweep sweep = new Sweep(
                file.text("name", "sweep"),
                root,
                models,
                data,
                variants,
                bases,
                shots,
                file.whole("draws", 1, MOST, 5),
                few,
                file.flag("forgetting", false),
                file.flag("keep-towers", false));
        if (Math.max(shots.size(), Math.max(data.size(), variants.size())) > MOST) {
            throw InputException.at(source, "more than " + MOST + " entries in a list", "fewer", "Divide the sweep");
        }
        unique(sweep.models(), "models");
        unique(data.stream().map(Data::label).toList(), "data");
        unique(variants.stream().map(Variant::name).toList(), "methods");
        unique(shots.stream().map(String::valueOf).toList(), "shots");
        return sweep;
    }

    /** An entry of a list: an object, or a text that stands for an object with one entry. */
    private JsonObject named(JsonNode entry, String key, String where) {
        JsonNode object =
                entry.isTextual() ? JsonNodeFactory.instance.objectNode().set(key, entry) : entry;
        return JsonObject.of(object, source + ", " + where, REMEDY);
    }

    private static List<Integer> shots(JsonObject file) {
        List<Integer> shots = new ArrayList<>();
        for (JsonNode count : file.list("shots")) {
            boolean all = count.isTextual() && count.textValue().equals("all");
            if (!all && !(count.isInt() && count.intValue() > 0)) {
                throw file.wrong("shots", "a list of numbers of images a class, or all, such as [1, 4, all]");
            }
            shots.add(all ? FewShots.ALL : count.intValue());
        }
        return shots;
    }

    private List<Data> data(JsonObject entry, JsonObject defaults) {
        entry.only(DATA);
        String name = rooted(entry, entry.text("source", ""));
        if (name.isEmpty()) {
            throw entry.wrong("source", "a data set");
        }
        JsonObject own = entry.objectOrEmpty("splits").only(SPLITS);
        List<String> classes = entry.given("classes") ? texts(entry, "classes") : List.of();
        List<String> templates = entry.given("templates") ? texts(entry, "templates") : List.of();
        if (!templates.stream().allMatch(t -> t.contains("{}"))) {
            throw entry.wrong("templates", "texts with {} where the name of the class goes");
        }
        unique(classes, entry.place("classes"));
        Map<String, Integer> expected = expected(entry);
        int number = expected.getOrDefault("classes", classes.size());
        if (!classes.isEmpty() && number != classes.size()) {
            throw InputException.at(
                    entry.place("classes"), classes.size() + " names", number + ", as 'expected' says", REMEDY);
        }
        String labelColumn = entry.given("label-column") ? entry.text("label-column", "") : null;
        Reading reading = new Reading(labelColumn, classes, entry.flag("pooled", false), names(entry));
        return Datasets.expand(name).stream()
                .map(one -> new Data(
                        entry.text("label", label(one)), recipe(one, own, defaults), reading, templates, expected))
                .toList();
    }

    /** A name with the root's folder in the place of {@code $root}. */
    private String rooted(JsonObject where, String name) {
        if (!name.equals(ROOT) && !name.startsWith(ROOT + "/")) {
            return name;
        }
        String folder = root;
        if (folder == null) {
            throw InputException.at(
                    where.place("root"),
                    "nothing, though there is " + name,
                    "the folder that " + ROOT + " stands for",
                    "Give --root FOLDER, or root: in the file");
        }
        return folder.replaceAll("(?<=.)/+$", "") + name.substring(ROOT.length());
    }

    private boolean isBelowRoot(String name) {
        return root != null && name.startsWith(root.replaceAll("(?<=.)/+$", ""));
    }

    private static @Nullable NamedLabels names(JsonObject entry) {
        if (!entry.given("names")) {
            return null;
        }
        JsonObject names = entry.objectOrEmpty("names").only("label", "test");
        String label = names.text("label");
        String test = names.text("test");
        try {
            return new NamedLabels(label, test);
        } catch (IllegalArgumentException e) { // of which a pattern's syntax error is one
            throw InputException.at(
                    entry.place("names"),
                    "'" + label + "' and '" + test + "' ("
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("") + ")",
                    "two regular expressions, the first with the class as a group in parentheses",
                    REMEDY,
                    e);
        }
    }

    /** The data set's own splits before those of the sweep. */
    private static DatasetSpec recipe(String name, JsonObject own, JsonObject defaults) {
        int train = images(own, defaults, "train");
        int validation = images(own, defaults, "validation");
        int test = images(own, defaults, "test");
        double validationShare = share(own, defaults, "validation-share", Splitting.DEFAULT.validation());
        double testShare = share(own, defaults, "test-share", Splitting.DEFAULT.test());
        long seed = own.whole("seed", defaults.whole("seed", Splitting.DEFAULT.seed()));
        return own.making(() -> new DatasetSpec(name, train, validation, test, validationShare, testShare, seed));
    }

    private static int images(JsonObject own, JsonObject defaults, String key) {
        int otherwise = defaults.whole(key, 0, Integer.MAX_VALUE, 0);
        return own.whole(key, 0, Integer.MAX_VALUE, otherwise);
    }

    private static double share(JsonObject own, JsonObject defaults, String key, double usual) {
        JsonObject where = own.given(key) ? own : defaults;
        double share = where.number(key, usual);
        if (!(share > 0 && share < 1)) {
            throw where.wrong(key, "a share between 0 and 1");
        }
        return share;
    }

    private static Map<String, Integer> expected(JsonObject entry) {
        JsonObject counts = entry.objectOrEmpty("expected").only("train", "validation", "test", "classes");
        Map<String, Integer> expected = new HashMap<>();
        counts.names().forEach(name -> expected.put(name, counts.whole(name, 1, Integer.MAX_VALUE)));
        return expected;
    }

    /** The last part of a name: the task of world:TASK, the folder of a path, the repository of a hub's name. */
    private static String label(String name) {
        String plain = name.replaceAll("/+$", "");
        return plain.substring(Math.max(plain.lastIndexOf('/'), plain.lastIndexOf(':')) + 1);
    }

    private static Variant variant(JsonObject given, String bases, List<Integer> all) {
        JsonObject entry = given.renamed(FitSettings.FORMER);
        List<String> keys = new ArrayList<>(List.of("method", "name", "shots"));
        keys.addAll(FitSettings.keys());
        entry.only(keys);
        Method method = entry.making(() -> Method.named(entry.text("method")));
        ExperimentSettings settings = FitSettings.of(entry, List.of(method));
        List<Integer> shots = entry.given("shots") ? shots(entry) : all;
        if (!all.containsAll(shots)) {
            throw entry.wrong("shots", "of the numbers that the sweep's own shots have");
        }
        boolean paper = entry.text("preset", "default").equals("paper");
        return new Variant(
                entry.text("name", method.label() + (paper ? " (paper)" : "")),
                method,
                settings,
                FitSettings.bases(entry, bases),
                shots);
    }

    private static List<String> texts(JsonObject object, String key) {
        List<JsonNode> items = object.list(key);
        if (!items.stream().allMatch(i -> i.isTextual() && !i.textValue().isBlank())) {
            throw object.wrong(key, "texts; put quotation marks round numbers, yes and no");
        }
        return items.stream().map(JsonNode::textValue).toList();
    }

    private void unique(List<String> names, String where) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw InputException.at(
                        where.startsWith(source) ? where : source + ", " + where,
                        "'" + name + "' twice",
                        "every name once",
                        "Give one a name of its own, or leave it out");
            }
        }
    }
}
