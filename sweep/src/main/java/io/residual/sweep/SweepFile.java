package io.residual.sweep;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.residual.alignment.AdapterFile.DataRecipe;
import io.residual.alignment.AlignmentSettings;
import io.residual.alignment.AlignmentSettings.Epochs;
import io.residual.alignment.AlignmentSettings.Fitting;
import io.residual.alignment.AlignmentSettings.Optimiser;
import io.residual.alignment.AlignmentSettings.Path;
import io.residual.alignment.AlignmentSettings.Start;
import io.residual.alignment.Calibration;
import io.residual.alignment.ComponentDesign.Means;
import io.residual.alignment.ComponentDesign.Others;
import io.residual.alignment.FineTuner;
import io.residual.alignment.Method;
import io.residual.base.InputException;
import io.residual.catalogue.BasisPictures;
import io.residual.catalogue.Datasets;
import io.residual.evaluation.Comparison;
import io.residual.evaluation.FewShots;
import io.residual.images.HubParquet.Reading;
import io.residual.images.Splitting;
import io.residual.sweep.Sweep.Data;
import io.residual.sweep.Sweep.Variant;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Reads sweeps from YAML. Every key must be known: a misspelt one would silently change what is measured. */
public final class SweepFile {
    /** The sweeps that ship, by name. */
    public static final List<String> SHIPPED = List.of("embedded", "few-labels", "settings", "paper");

    private static final Set<String> SPLITS =
            Set.of("train", "validation", "test", "validation-share", "test-share", "seed");

    private static final int LONGEST = 1 << 20;
    private static final int MOST = 10_000;

    private final String source;

    private SweepFile(String source) {
        this.source = source;
    }

    /** Reads a sweep that ships, by its name, or a file. */
    public static Sweep read(String name) {
        if (SHIPPED.contains(name)) {
            String resource = "/io/residual/sweep/" + name + ".yaml";
            try (InputStream in = Objects.requireNonNull(SweepFile.class.getResourceAsStream(resource), resource)) {
                return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), name);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the resource " + resource, e);
            }
        }
        java.nio.file.Path file;
        try {
            file = java.nio.file.Path.of(name);
        } catch (java.nio.file.InvalidPathException e) {
            throw InputException.at("the sweep", "'" + name + "'", "a file, or one of " + SHIPPED, "Correct it", e);
        }
        try {
            if (Files.size(file) > LONGEST) {
                throw InputException.at(
                        file, Files.size(file) + " bytes", "a sweep, which is shorter", "Check the path");
            }
            return parse(Files.readString(file), name);
        } catch (NoSuchFileException e) {
            throw InputException.missing(file, "a YAML file, or one of " + SHIPPED);
        } catch (CharacterCodingException e) {
            throw InputException.at(file, "bytes that are not UTF-8", "YAML in UTF-8", "Correct the file", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Reads a sweep from its text. {@code source} is for messages. */
    public static Sweep parse(String yaml, String source) {
        try {
            JsonNode root = new ObjectMapper(new YAMLFactory())
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .readTree(yaml);
            return new SweepFile(source).sweep(root);
        } catch (JsonProcessingException e) {
            throw InputException.at(
                    source, "invalid YAML (" + e.getOriginalMessage() + ")", "YAML", "Correct the file", e);
        }
    }

    private Sweep sweep(JsonNode root) {
        keys(
                root,
                "",
                Set.of(
                        "name",
                        "models",
                        "data",
                        "splits",
                        "methods",
                        "bases",
                        "shots",
                        "draws",
                        "forgetting",
                        "keep-towers"));
        JsonNode splits = root.path("splits");
        keys(splits, "splits", SPLITS);
        List<Data> data = new ArrayList<>();
        for (JsonNode entry : list(root, "data")) {
            data.addAll(data(entry, splits, "data[" + data.size() + "]"));
        }
        String bases = root.path("bases").asText(BasisPictures.AUTO);
        List<Variant> variants = new ArrayList<>();
        for (JsonNode entry : list(root, "methods")) {
            variants.add(variant(entry, bases, "methods[" + variants.size() + "]"));
        }
        List<String> models = new ArrayList<>();
        list(root, "models").forEach(m -> models.add(text(m, "models[" + models.size() + "]")));
        List<Integer> shots = new ArrayList<>();
        for (JsonNode count : root.path("shots")) {
            boolean all = count.asText().equals("all");
            require(
                    all || (count.isInt() && count.intValue() > 0),
                    "shots",
                    count,
                    "numbers of images a class, or all");
            shots.add(all ? FewShots.ALL : count.intValue());
        }
        Sweep sweep = new Sweep(
                root.path("name").asText("sweep"),
                models,
                data,
                variants,
                bases,
                shots.isEmpty() ? List.of(FewShots.ALL) : shots,
                whole(root, "draws", 5),
                flag(root, "forgetting", false),
                flag(root, "keep-towers", false));
        require(sweep.draws() > 0 && sweep.draws() <= MOST, "draws", root.path("draws"), "1 to " + MOST);
        require(shots.size() <= MOST, "shots", shots.size() + " counts", "at most " + MOST);
        require(data.size() <= MOST && variants.size() <= MOST, "data or methods", "too many", "at most " + MOST);
        unique(sweep.models(), "models");
        unique(data.stream().map(Data::label).toList(), "data");
        unique(variants.stream().map(Variant::name).toList(), "methods");
        return sweep;
    }

    private List<Data> data(JsonNode entry, JsonNode defaults, String where) {
        boolean plain = entry.isTextual();
        if (!plain) {
            keys(
                    entry,
                    where,
                    Set.of("source", "label", "label-column", "classes", "templates", "splits", "pooled", "expected"));
        }
        String source = text(plain ? entry : entry.path("source"), where + ".source");
        JsonNode own = entry.path("splits");
        keys(own, where + ".splits", SPLITS);
        List<String> classes = strings(entry.path("classes"), where + ".classes");
        List<String> templates = strings(entry.path("templates"), where + ".templates");
        templates.forEach(t -> require(t.contains("{}"), where + ".templates", "'" + t + "'", "a text with {}"));
        unique(classes, where + ".classes");
        Map<String, Integer> expected = new HashMap<>();
        keys(entry.path("expected"), where + ".expected", Set.of("train", "validation", "test", "classes"));
        entry.path("expected").properties().forEach(e -> {
            require(e.getValue().isInt() && e.getValue().intValue() > 0, where + ".expected", e.getValue(), "counts");
            expected.put(e.getKey(), e.getValue().intValue());
        });
        if (expected.containsKey("classes") && !classes.isEmpty()) {
            require(
                    classes.size() == expected.get("classes"),
                    where + ".classes",
                    classes.size() + " names",
                    expected.get("classes") + ", as 'expected' says");
        }
        return Datasets.expand(source).stream()
                .map(name -> new Data(
                        entry.path("label").asText(label(name)),
                        new DataRecipe(
                                name,
                                whole(own, "train", whole(defaults, "train", 0)),
                                whole(own, "validation", whole(defaults, "validation", 0)),
                                whole(own, "test", whole(defaults, "test", 0)),
                                number(
                                        own,
                                        "validation-share",
                                        number(defaults, "validation-share", Splitting.DEFAULT.validation())),
                                number(own, "test-share", number(defaults, "test-share", Splitting.DEFAULT.test())),
                                whole(own, "seed", whole(defaults, "seed", (int) Splitting.DEFAULT.seed()))),
                        new Reading(
                                entry.has("label-column")
                                        ? text(entry.path("label-column"), where + ".label-column")
                                        : null,
                                classes,
                                flag(entry, "pooled", false)),
                        templates,
                        expected))
                .toList();
    }

    /** The last part of a name: the task of world:TASK, the folder of a path, the repository of a hub's name. */
    private static String label(String name) {
        String plain = name.replaceAll("/+$", "");
        return plain.substring(Math.max(plain.lastIndexOf('/'), plain.lastIndexOf(':')) + 1);
    }

    private Variant variant(JsonNode entry, String bases, String where) {
        boolean plain = entry.isTextual();
        if (!plain) {
            keys(
                    entry,
                    where,
                    Set.of(
                            "method",
                            "name",
                            "preset",
                            "bases",
                            "means",
                            "star-others",
                            "variance",
                            "fit",
                            "pulls",
                            "iterations",
                            "start",
                            "rate",
                            "linear-rate",
                            "batch",
                            "epochs",
                            "patience",
                            "seed",
                            "accept"));
        }
        Method method = Method.named(text(plain ? entry : entry.path("method"), where + ".method"));
        String preset = entry.path("preset").asText("default");
        require(Set.of("default", "paper").contains(preset), where + ".preset", "'" + preset + "'", "default or paper");
        AlignmentSettings base = preset.equals("paper") ? AlignmentSettings.PAPER : AlignmentSettings.DEFAULT;
        AlignmentSettings alignment = new AlignmentSettings(
                choice(Start.class, entry, "start", base.start(), where),
                choice(Means.class, entry, "means", base.means(), where),
                choice(Others.class, entry, "star-others", base.starOthers(), where),
                number(entry, "variance", base.variance()),
                method == Method.FULL ? base.fitting() : fitting(entry, base.fitting(), where),
                whole(entry, "seed", 0));
        FineTuner.Settings published = FineTuner.Settings.DEFAULT;
        FineTuner.Settings tuning = method != Method.FULL
                ? published
                : new FineTuner.Settings(
                        number(entry, "rate", published.rate()),
                        published.weightDecay(),
                        published.clip(),
                        whole(entry, "batch", published.batch()),
                        whole(entry, "epochs", published.epochs()),
                        whole(entry, "patience", published.patience()),
                        whole(entry, "seed", 0));
        String name = method.label() + (preset.equals("paper") ? " (paper)" : "");
        return new Variant(
                entry.path("name").asText(name),
                method,
                new Comparison.Settings(alignment, tuning, number(entry, "accept", Calibration.WANTED)),
                entry.path("bases").asText(bases));
    }

    private Fitting fitting(JsonNode entry, Fitting base, String where) {
        String usual = base instanceof Path ? "quasi-newton" : "schedule-free";
        String fit = entry.path("fit").asText(usual);
        require(
                Set.of("quasi-newton", "adamw", "schedule-free").contains(fit),
                where + ".fit",
                "'" + fit + "'",
                "quasi-newton, adamw or schedule-free");
        List<Double> pulls = new ArrayList<>();
        entry.path("pulls").forEach(p -> pulls.add(p.asDouble()));
        if (fit.equals("quasi-newton")) {
            for (String other : List.of("rate", "linear-rate", "batch", "epochs", "patience", "start")) {
                require(!entry.has(other), where + "." + other, entry.path(other), "nothing, with a quasi-Newton fit");
            }
            int iterations = whole(entry, "iterations", AlignmentSettings.ITERATIONS);
            return pulls.isEmpty()
                    ? new Path(AlignmentSettings.PULLS, iterations, AlignmentSettings.EXTENSIONS)
                    : new Path(pulls, iterations);
        }
        require(
                !entry.has("iterations") && pulls.size() < 2,
                where,
                "iterations, or several pulls",
                "neither, with batches");
        Epochs epochs = base instanceof Epochs given ? given : AlignmentSettings.ADAMW;
        return new Epochs(
                fit.equals("adamw") ? Optimiser.ADAMW : Optimiser.SCHEDULE_FREE,
                number(entry, "rate", epochs.rate()),
                number(entry, "linear-rate", epochs.linearRate()),
                pulls.isEmpty() ? epochs.pull() : pulls.get(0),
                whole(entry, "batch", epochs.batch()),
                whole(entry, "epochs", epochs.epochs()),
                whole(entry, "patience", epochs.patience()));
    }

    private <E extends Enum<E>> E choice(Class<E> type, JsonNode entry, String key, E otherwise, String where) {
        if (!entry.has(key)) {
            return otherwise;
        }
        String given = entry.path(key).asText();
        List<String> names = new ArrayList<>();
        for (E each : type.getEnumConstants()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(given)) {
                return each;
            }
            names.add(each.name().toLowerCase(Locale.ROOT));
        }
        throw wrong(where + "." + key, "'" + given + "'", String.join(" or ", names));
    }

    private JsonNode list(JsonNode root, String key) {
        JsonNode list = root.path(key);
        require(list.isArray() && !list.isEmpty(), key, list, "a list with at least one entry");
        return list;
    }

    private void keys(JsonNode node, String where, Set<String> known) {
        if (node.isMissingNode()) {
            return;
        }
        require(node.isObject(), where.isEmpty() ? "the file" : where, node.getNodeType(), "keys with values");
        node.fieldNames()
                .forEachRemaining(key -> require(
                        known.contains(key),
                        where.isEmpty() ? key : where + "." + key,
                        "an unknown key",
                        "one of " + known.stream().sorted().toList()));
    }

    private String text(JsonNode node, String where) {
        require(node.isTextual() && !node.asText().isBlank(), where, node, "a text");
        return node.asText();
    }

    private List<String> strings(JsonNode list, String where) {
        List<String> all = new ArrayList<>();
        require(list.isMissingNode() || list.isArray(), where, list, "a list of texts");
        for (JsonNode item : list) {
            require(item.isTextual(), where, item, "texts; put quotation marks round numbers, yes and no");
            all.add(item.asText());
        }
        return all;
    }

    private int whole(JsonNode node, String key, int otherwise) {
        JsonNode value = node.path(key);
        require(
                value.isMissingNode() || (value.isInt() && value.intValue() >= 0),
                key,
                value,
                "a whole number, 0 or more");
        return value.isMissingNode() ? otherwise : value.intValue();
    }

    private double number(JsonNode node, String key, double otherwise) {
        JsonNode value = node.path(key);
        require(value.isMissingNode() || value.isNumber(), key, value, "a number");
        return value.isMissingNode() ? otherwise : value.doubleValue();
    }

    private boolean flag(JsonNode node, String key, boolean otherwise) {
        JsonNode value = node.path(key);
        require(value.isMissingNode() || value.isBoolean(), key, value, "true or false");
        return value.isMissingNode() ? otherwise : value.booleanValue();
    }

    private void unique(List<String> names, String where) {
        Set<String> seen = new HashSet<>();
        names.forEach(
                n -> require(seen.add(n), where, "'" + n + "' twice", "every name once; give one a name of its own"));
    }

    private void require(boolean holds, String where, Object found, String expected) {
        if (!holds) {
            throw wrong(where, found, expected);
        }
    }

    private InputException wrong(String where, Object found, String expected) {
        String shown = found instanceof JsonNode node && node.isMissingNode() ? "nothing" : String.valueOf(found);
        return InputException.at(source + ", " + where, shown, expected, "Correct the file");
    }
}
