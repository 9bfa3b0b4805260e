package io.residual.sweep;

import io.residual.base.InputException;
import io.residual.base.JsonObject;
import io.residual.catalogue.Datasets;
import io.residual.data.DatasetSpec;
import io.residual.data.LabelFixes;
import io.residual.data.NamedLabels;
import io.residual.data.Reading;
import io.residual.data.Splitting;
import io.residual.sweep.Sweep.Data;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one entry of a sweep's list of data sets. */
final class DataEntry {
    /** Entries of splits, of a data set and of the whole sweep. */
    static final Set<String> SPLITS =
            new LinkedHashSet<>(List.of("train", "validation", "test", "validation-share", "test-share", "seed"));

    private static final Set<String> DATA = new LinkedHashSet<>(List.of(
            "source",
            "label",
            "label-column",
            "classes",
            "templates",
            "splits",
            "pooled",
            "names",
            "expected",
            "labels"));

    private DataEntry() {}

    /**
     * The data sets of an entry: several where its source stands for several.
     *
     * @param splits the sweep's own, which the entry's override
     */
    static List<Data> read(JsonObject entry, JsonObject splits, Root root) {
        entry.only(DATA);
        String name = root.in(entry, entry.text("source", ""));
        if (name.isEmpty()) {
            throw entry.wrong("source", "a data set");
        }
        JsonObject own = entry.objectOrEmpty("splits").only(SPLITS);
        List<String> classes = entry.given("classes") ? SweepFile.texts(entry, "classes") : List.of();
        List<String> templates = entry.given("templates") ? SweepFile.texts(entry, "templates") : List.of();
        if (!templates.stream().allMatch(t -> t.contains("{}"))) {
            throw entry.wrong("templates", "texts with {} where the name of the class goes");
        }
        SweepFile.uniqueAt(classes, entry.place("classes"));
        Map<String, Integer> expected = expected(entry);
        int number = expected.getOrDefault("classes", classes.size());
        if (!classes.isEmpty() && number != classes.size()) {
            throw InputException.at(
                    entry.place("classes"),
                    classes.size() + " names",
                    number + ", as 'expected' says",
                    SweepFile.REMEDY);
        }
        String labelColumn = entry.given("label-column") ? entry.text("label-column", "") : null;
        Reading reading = new Reading(labelColumn, classes, entry.flag("pooled", false), names(entry));
        List<String> sources = Datasets.expand(name);
        LabelFixes fixes =
                entry.given("labels") ? LabelFixes.read(Path.of(root.in(entry, entry.text("labels")))) : null;
        if (fixes != null && sources.size() > 1) {
            throw InputException.at(
                    entry.place("labels"), "corrections of " + sources.size() + " data sets", "one", SweepFile.REMEDY);
        }
        return sources.stream()
                .map(one -> {
                    DatasetSpec spec = recipe(one, own, splits);
                    return new Data(
                            entry.text("label", label(one)),
                            fixes == null ? spec : spec.with(fixes),
                            reading,
                            templates,
                            expected);
                })
                .toList();
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
                    SweepFile.REMEDY,
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
}
