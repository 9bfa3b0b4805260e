package io.residual.catalogue;

import io.residual.base.FileNames;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.base.Similar;
import io.residual.data.Dataset;
import io.residual.data.DatasetFiles;
import io.residual.data.DatasetSpec;
import io.residual.data.IdxFiles;
import io.residual.data.ImageFolder;
import io.residual.data.ImageTables;
import io.residual.data.ImageTree;
import io.residual.data.NamedLabels;
import io.residual.data.Reading;
import io.residual.data.SplitNames;
import io.residual.data.Splitting;
import io.residual.hub.Hub;
import io.residual.hub.HubName;
import io.residual.hub.HubSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Data sets by the name that a user gives: {@code world:TASK}, {@code world:all}, or a folder of a known kind. */
public final class Datasets {
    private Datasets() {}

    /** Whether a name denotes a data set that ships, such as a task of the synthetic benchmark. */
    public static boolean isEmbedded(String name) {
        return embedded(name).isPresent();
    }

    private static Optional<Embedded> embedded(String name) {
        return Embedded.all().stream()
                .filter(e -> name.startsWith(e.scheme() + ":"))
                .findFirst();
    }

    /** The names that a name stands for: {@code world:all} for ten, any other for itself. */
    public static List<String> expand(String name) {
        return embedded(name)
                .filter(e -> name.equals(e.scheme() + ":all"))
                .map(e -> e.datasets().stream().map(d -> e.scheme() + ":" + d).toList())
                .orElse(List.of(name));
    }

    /** Opens a data set. */
    public static Dataset open(String name, Splitting splitting) {
        return open(name, splitting, Reading.PLAIN, Progress.silent());
    }

    /**
     * Opens a data set. The kind of a folder is recognised by its content; a name that is no folder is looked up on the
     * hub.
     *
     * @param splitting for splits that the data set does not have
     * @param reading how files are read where their metadata are incomplete, or other labels are wanted
     * @param progress of downloads
     * @throws InputException if there is no such data set, or it cannot be used
     */
    public static Dataset open(String name, Splitting splitting, Reading reading, Progress progress) {
        Dataset found = asItIs(name, splitting, reading, progress);
        NamedLabels names = reading.names();
        return names == null ? found : names.of(found, splitting);
    }

    private static Dataset asItIs(String name, Splitting splitting, Reading reading, Progress progress) {
        Optional<Embedded> embedded = embedded(name);
        if (embedded.isPresent()) {
            requireUnpooled(name, reading);
            return embedded.get().dataset(name.substring(name.indexOf(':') + 1));
        }
        Path folder = FileNames.path("the data set", name);
        if (!Files.isDirectory(folder)) {
            return tables(fetch(name, progress), splitting, reading).called(name);
        }
        boolean idx = IdxFiles.isOne(folder);
        if (!idx && ImageTables.holds(folder)) {
            return tables(folder, splitting, reading);
        }
        requireUnpooled(name, reading);
        if (idx) {
            return IdxFiles.open(folder, splitting);
        }
        if (ImageFolder.isOne(folder)) {
            return ImageFolder.open(folder, splitting);
        }
        if (ImageTables.hasFiles(folder)) {
            return tables(folder, splitting, reading); // which says what is missing
        }
        ImageTree tree = ImageTree.below(folder);
        List<String> what = new ArrayList<>();
        if (!tree.files().isEmpty()) {
            what.add(tree.files().size() + " images and no sub-folders");
        }
        if (!tree.leftOut().text().isEmpty()) {
            what.add(tree.leftOut().text());
        }
        throw InputException.at(
                folder,
                what.isEmpty() ? "an empty folder" : "nothing that is known (" + String.join("; ", what) + ")",
                "sub-folders of images (one per class), train-*.parquet of the hub, or MNIST's IDX files",
                "Arrange the data in one of these ways; see residual datasets");
    }

    private static Dataset tables(Path folder, Splitting splitting, Reading reading) {
        return ImageTables.reader(folder).dataset(folder, splitting, reading);
    }

    private static void requireUnpooled(String name, Reading reading) {
        if (reading.pooled()) {
            throw InputException.at(
                    "the data set " + name,
                    "parts to be pooled",
                    "Parquet files of the hub, which alone can be",
                    "Leave 'pooled' out, or put the parts into one folder per class");
        }
    }

    /** Makes the splits of a recipe again. */
    public static Dataset open(DatasetSpec recipe, Reading reading, Progress progress) {
        Splitting splitting = new Splitting(recipe.validationShare(), recipe.testShare(), recipe.seed());
        return recipe.correct(open(recipe.source(), splitting, reading, progress))
                .atMost(limit(recipe.train()), limit(recipe.validation()), limit(recipe.test()), recipe.seed());
    }

    /**
     * The default number of images of a split: limited for tasks of the synthetic benchmark, which draws any number,
     * and all (0) for users' data.
     */
    public static int usual(String name, SplitNames.Part part) {
        return !isEmbedded(name)
                ? 0
                : switch (part) {
                    case TRAIN -> 2000;
                    case VALIDATION -> 500;
                    case TEST -> 1000;
                };
    }

    private static int limit(int size) {
        return size == 0 ? Integer.MAX_VALUE : size;
    }

    /** A data set's name on the hub. */
    public record HubData(HubName name, String configuration) {
        /** {@code owner/name}, {@code owner/name:configuration}, either with {@code @revision}; empty for anything else. */
        public static Optional<HubData> parse(String text) {
            int colon = text.indexOf(':');
            String configuration = colon < 0 ? "" : text.substring(colon + 1);
            boolean plain = configuration.matches("[A-Za-z0-9._-]*") && !configuration.contains("..");
            return plain && (colon < 0 || !configuration.isEmpty())
                    ? HubName.parse(HubName.Kind.DATASET, colon < 0 ? text : text.substring(0, colon))
                            .map(n -> new HubData(n, configuration))
                    : Optional.empty();
        }
    }

    /** Candidates for a misspelt name: tasks, and folders beside it. */
    private static List<String> known(String name) {
        List<String> known = new ArrayList<>();
        Embedded.all().forEach(e -> known.addAll(expand(e.scheme() + ":all")));
        known.addAll(FileNames.foldersBeside(FileNames.path("the data set", name)));
        return known;
    }

    private static Path fetch(String name, Progress progress) {
        boolean file = Files.exists(FileNames.path("the data set", name));
        HubData data = file ? null : HubData.parse(name).orElse(null);
        if (data == null) {
            throw InputException.at(
                    "the data set '" + name + "'",
                    file ? "a file" : "no such folder",
                    "a folder, world:TASK, or a name on the hub such as uoft-cs/cifar10",
                    file
                            ? "Check the name"
                            : Similar.remedy(name, known(name), "Check the name, or see residual datasets"));
        }
        DatasetFiles files = new DatasetFiles(data.configuration);
        Path snapshot = new Hub(HubSettings.ofProcess(), progress).fetch(data.name, files);
        Path folder = files.folder(snapshot);
        if (folder == null) {
            throw files.unusable(data.name, List.of());
        }
        return folder;
    }
}
