package io.residual.data;

import io.residual.base.InputException;
import io.residual.hub.Hub;
import io.residual.hub.HubName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Selects the files of a hub repository that form a data set of images: Parquet files of one configuration, or, where
 * the repository keeps images in another form, the hub's own conversion to Parquet.
 *
 * @param configuration the folder with the files, such as {@code cropped_digits}; empty if there is only one
 */
public record DatasetFiles(String configuration) implements Hub.Choice {
    /** The revision in which the hub keeps its conversions to Parquet. */
    private static final String CONVERSION = "refs/convert/parquet";

    /** The files of the configuration; none where it is not named and there are several. */
    @Override
    public List<String> wanted(List<String> files) {
        return configuration.isEmpty() && configurations(files).size() > 1 ? List.of() : parts(files);
    }

    /** The files of known splits; all there are where no name says a split, since those are for training. */
    private List<String> parts(List<String> files) {
        List<String> tables = files.stream().filter(this::isTable).sorted().toList();
        List<String> known =
                tables.stream().filter(f -> SplitNames.of(below(f)) != null).toList();
        return known.isEmpty() ? tables : known;
    }

    private List<String> configurations(List<String> files) {
        return parts(files).stream()
                .map(f -> f.contains("/") ? f.substring(0, f.indexOf('/')) : "")
                .filter(f -> SplitNames.ofFolder(f) == null)
                .distinct()
                .sorted()
                .toList();
    }

    private boolean isTable(String file) {
        return file.endsWith(".parquet") && (configuration.isEmpty() || file.startsWith(configuration + "/"));
    }

    /** A configuration's own name says nothing of splits. */
    private String below(String file) {
        return configuration.isEmpty() ? file : file.substring(configuration.length() + 1);
    }

    @Override
    public String elsewhere() {
        return CONVERSION;
    }

    @Override
    public InputException unusable(HubName name, List<String> files) {
        List<String> several = configurations(files);
        if (configuration.isEmpty() && several.size() > 1) {
            return InputException.at(
                    "the data set '" + name + "'",
                    "several configurations: " + String.join(", ", several),
                    "one of them",
                    "Name it, such as " + name + ":" + several.get(0));
        }
        return InputException.at(
                "the data set '" + name + "'",
                "no Parquet files " + (configuration.isEmpty() ? "" : "under '" + configuration + "' ") + "among its "
                        + files.size() + " files, and none that the hub has converted",
                "train-*.parquet, or train/*.parquet",
                "Check the name and its configuration (NAME:CONFIGURATION), or fetch the images and give their folder");
    }

    @Override
    public List<String> optional() {
        return List.of();
    }

    @Override
    public boolean isComplete(Path snapshot, Predicate<String> absent) {
        return folder(snapshot) != null;
    }

    /** The folder of a snapshot that holds the files, or null. */
    public @Nullable Path folder(Path snapshot) {
        Path root = configuration.isEmpty() ? snapshot : snapshot.resolve(configuration);
        if (ImageTables.holds(root)) {
            return root;
        }
        if (!Files.isDirectory(root)) {
            return null;
        }
        try (Stream<Path> entries = Files.list(root)) {
            return entries.filter(Files::isDirectory)
                    .sorted()
                    .filter(ImageTables::holds)
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + root + ": " + e.getMessage(), e);
        }
    }
}
