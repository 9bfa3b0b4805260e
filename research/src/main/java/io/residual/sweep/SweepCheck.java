package io.residual.sweep;

import io.residual.base.FileNames;
import io.residual.base.InputException;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.catalogue.Datasets;
import io.residual.catalogue.Datasets.HubData;
import io.residual.chart.TextTable;
import io.residual.data.Dataset;
import io.residual.data.Splitting;
import io.residual.hub.HubName;
import io.residual.world.EmbeddedModels;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Checks a sweep without a network: names, downloads, amount of work. */
public final class SweepCheck {
    private SweepCheck() {}

    /** Makes sure that every name means something, here or on the hub. */
    static void names(Sweep sweep) {
        root(sweep);
        sweep.models().forEach(SweepCheck::whereIsModel);
        sweep.data().forEach(SweepCheck::whereIsData);
        sweep.variants().forEach(v -> whereAreBases(v.bases()));
    }

    /** Makes sure that all is there that the sweep looks for below its root, and names what is missing in one message. */
    private static void root(Sweep sweep) {
        String root = sweep.root();
        if (root == null) {
            return;
        }
        List<String> missing = Stream.concat(
                        sweep.models().stream(),
                        sweep.data().stream().map(d -> d.recipe().source()))
                .filter(name -> name.startsWith(root) && !Files.isDirectory(FileNames.path("the sweep", name)))
                .map(name -> name.substring(root.length()).replaceFirst("^/+", ""))
                .toList();
        if (!missing.isEmpty()) {
            throw InputException.at(
                    "the sweep's root " + root,
                    (Files.isDirectory(FileNames.path("--root", root)) ? "" : "no such folder, so ") + "no "
                            + String.join(", no ", missing),
                    "a folder that holds the model and the data sets of this sweep",
                    "Give the folder with --root, or measure some of the sets with --data");
        }
    }

    /** The check as a text. Names that mean nothing are errors; data sets that are here are opened. */
    public static String text(Sweep sweep) {
        root(sweep);
        TextTable models = new TextTable().row("model", "where");
        sweep.models().forEach(m -> models.row(m, whereIsModel(m)));
        TextTable data = new TextTable().row("data", "where", "classes", "templates", "train", "validation", "test");
        long images = 0;
        for (Sweep.Data each : sweep.data()) {
            int[] sizes = sizes(each);
            images += sizes[0] + sizes[1] + sizes[2];
            data.row(
                    each.label(),
                    whereIsData(each),
                    classes(each),
                    each.templates().isEmpty()
                            ? "the data's own"
                            : String.valueOf(each.templates().size()),
                    count(sizes[0]),
                    count(sizes[1]),
                    count(sizes[2]));
        }
        long fits = (long) sweep.fits().size()
                * sweep.models().size()
                * sweep.data().size();
        boolean all = sweep.allImagesOnly();
        return models + "\n" + data + "\n"
                + String.format(
                        java.util.Locale.ROOT,
                        "%,d fits (%d models, %d data sets, %d methods%s), %,d images to trace with each model; bases: %s%n",
                        fits,
                        sweep.models().size(),
                        sweep.data().size(),
                        sweep.variants().size(),
                        all ? "" : ", several numbers of images",
                        images,
                        sweep.variants().stream()
                                .map(v -> whereAreBases(v.bases()))
                                .distinct()
                                .map(Printable::line)
                                .collect(Collectors.joining(", ")));
    }

    private static String count(int size) {
        return size == 0 ? "?" : String.format(java.util.Locale.ROOT, "%,d", size);
    }

    private static String whereIsModel(String name) {
        if (EmbeddedModels.has(name)) {
            return "ships";
        }
        if (Files.isDirectory(FileNames.path("the model", name))) {
            return "folder";
        }
        return HubName.parse(name)
                .map(n -> "hub")
                .orElseThrow(() -> InputException.at(
                        "the model '" + name + "'",
                        "no folder, and no name of the hub",
                        "either, or one of " + EmbeddedModels.all().keySet(),
                        "Correct the file"));
    }

    private static String whereAreBases(String bases) {
        return List.of("auto", "own", "general").contains(bases) ? bases : bases + " (" + whereIsData(bases) + ")";
    }

    private static String whereIsData(Sweep.Data data) {
        return whereIsData(data.recipe().source());
    }

    private static String whereIsData(String source) {
        if (Datasets.isEmbedded(source)) {
            return "ships";
        }
        if (Files.isDirectory(FileNames.path("the data set", source))) {
            return "folder";
        }
        return HubData.parse(source)
                .map(d -> "hub: " + d.name() + (d.configuration().isEmpty() ? "" : ", " + d.configuration()))
                .orElseThrow(() -> InputException.at(
                        "the data set '" + source + "'",
                        "no folder, no task of the world, and no name of the hub",
                        "one of them",
                        "Correct the file"));
    }

    private static boolean isHere(Sweep.Data data) {
        return !whereIsData(data).startsWith("hub");
    }

    private static String classes(Sweep.Data data) {
        if (isHere(data)) {
            return String.valueOf(open(data).prompts().classes().size());
        }
        int named = data.reading().classes().size();
        Integer expected = data.expected().get("classes");
        return named > 0 ? named + ", named here" : expected == null ? "?" : String.valueOf(expected);
    }

    /** Notes on the data sets on this machine, one sentence each. */
    public static List<String> notes(Sweep sweep) {
        root(sweep);
        return sweep.data().stream()
                .filter(SweepCheck::isHere)
                .flatMap(data -> open(data).notes().stream().map(note -> data.label() + ": " + note))
                .toList();
    }

    private static Dataset open(Sweep.Data data) {
        return Datasets.open(data.recipe(), data.reading(), Progress.silent());
    }

    /** Train, validation and test, after what is missing has been taken from train; 0 for what cannot be known. */
    static int[] sizes(Sweep.Data data) {
        if (isHere(data)) {
            Dataset dataset = open(data);
            return new int[] {dataset.train().size(), dataset.validation().size(), dataset.testSize()};
        }
        Map<String, Integer> files = data.expected();
        int train = files.getOrDefault("train", 0);
        if (data.reading().pooled()) {
            train += files.getOrDefault("validation", 0) + files.getOrDefault("test", 0);
            files = Map.of();
        }
        Splitting splitting = new Splitting(
                data.recipe().validationShare(),
                data.recipe().testShare(),
                data.recipe().seed());
        boolean ownTest = files.containsKey("test");
        int test = ownTest ? files.getOrDefault("test", 0) : splitting.testOf(train);
        int left = ownTest ? train : train - test;
        boolean ownValidation = files.containsKey("validation");
        int validation = ownValidation ? files.getOrDefault("validation", 0) : splitting.validationOf(left, !ownTest);
        left -= ownValidation ? 0 : validation;
        List<Integer> limits = new ArrayList<>(List.of(
                data.recipe().train(), data.recipe().validation(), data.recipe().test()));
        int[] all = {left, validation, test};
        for (int i = 0; i < 3; i++) {
            all[i] = limits.get(i) == 0 ? all[i] : Math.min(all[i], limits.get(i));
        }
        return all;
    }
}
