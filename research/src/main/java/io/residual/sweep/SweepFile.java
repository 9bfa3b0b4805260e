package io.residual.sweep;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.residual.adapt.Method;
import io.residual.base.FileNames;
import io.residual.base.InputException;
import io.residual.base.JsonObject;
import io.residual.base.Similar;
import io.residual.base.TextFiles;
import io.residual.catalogue.BasisImages;
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
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
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
    static final String REMEDY = "Correct the file";
    private static final int LONGEST = 1 << 20;
    private static final int MOST = 10_000;

    private final String source;
    private final @Nullable String givenRoot;

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
        return new SweepFile(source, root).sweep(SweepYaml.parse(yaml, source));
    }

    private Sweep sweep(JsonObject file) {
        file.only(KEYS);
        if (file.given("root") && file.text("root").isBlank()) {
            throw file.wrong("root", "the folder that " + Root.NAME + " stands for");
        }
        String folder = givenRoot != null ? givenRoot : file.given("root") ? file.text("root") : null;
        Root root = new Root(folder);
        JsonObject splits = file.objectOrEmpty("splits").only(DataEntry.SPLITS);
        List<Data> data = new ArrayList<>();
        List<JsonNode> sources = file.list("data");
        for (int i = 0; i < sources.size(); i++) {
            data.addAll(DataEntry.read(named(sources.get(i), "source", "data[" + i + "]"), splits, root));
        }
        List<Integer> shots = file.given("shots") ? shots(file) : List.of(FewShots.ALL);
        String bases = file.text("bases", BasisImages.AUTO);
        List<Variant> variants = new ArrayList<>();
        List<JsonNode> methods = file.list("methods");
        for (int i = 0; i < methods.size(); i++) {
            variants.add(variant(named(methods.get(i), "method", "methods[" + i + "]"), bases, shots));
        }
        List<String> models =
                texts(file, "models").stream().map(m -> root.in(file, m)).toList();
        boolean rooted = models.stream().anyMatch(root::holds)
                || data.stream().anyMatch(d -> root.holds(d.recipe().source()))
                || data.stream()
                        .map(d -> d.recipe().corrected())
                        .anyMatch(corrected -> corrected != null && root.holds(corrected.file()));
        if (folder != null && !rooted) {
            throw InputException.at(
                    givenRoot != null ? "--root" : source + ", root",
                    "'" + folder + "'",
                    "a sweep that says " + Root.NAME + "/… of a model or data set",
                    "Leave it out, or write " + Root.NAME + "/ before what lies there");
        }
        boolean few = shots.stream().anyMatch(count -> count != FewShots.ALL);
        if (file.given("draws") && !few) {
            throw file.wrong("draws", "no such entry where shots names no number of images");
        }
        Sweep sweep = new Sweep(
                file.text("name", "sweep"),
                folder,
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

    private static Variant variant(JsonObject given, String bases, List<Integer> all) {
        JsonObject entry = given.renamed(FitSettings.FORMER);
        List<String> keys = new ArrayList<>(List.of("method", "name", "shots"));
        keys.addAll(FitSettings.keys());
        entry.only(keys);
        Method method = entry.making(() -> Method.named(entry.text("method")).requireFit());
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

    static List<String> texts(JsonObject object, String key) {
        List<JsonNode> items = object.list(key);
        if (!items.stream().allMatch(i -> i.isTextual() && !i.textValue().isBlank())) {
            throw object.wrong(key, "texts; put quotation marks round numbers, yes and no");
        }
        return items.stream().map(JsonNode::textValue).toList();
    }

    private void unique(List<String> names, String where) {
        uniqueAt(names, source + ", " + where);
    }

    /** Refuses a name that stands there twice. */
    static void uniqueAt(List<String> names, String place) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw InputException.at(
                        place,
                        "'" + name + "' twice",
                        "every name once",
                        "Give one a name of its own, or leave it out");
            }
        }
    }
}
