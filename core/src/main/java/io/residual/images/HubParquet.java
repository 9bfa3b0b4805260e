package io.residual.images;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.base.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Image data sets as the Hugging Face hub keeps them: Parquet files {@code train-*.parquet}, {@code test-*.parquet} and
 * perhaps {@code validation-*.parquet} (or {@code train/*.parquet} and so on, as the hub's conversions), with an image column (a struct of {@code bytes} and {@code path}) and an integer
 * label column whose class names stand in the files' own metadata under {@code huggingface}.
 */
public final class HubParquet implements PictureSource {
    private record Columns(String image, String label, List<String> classes) {}

    private final List<Path> files;
    private final int[] labels;
    private final ParquetBlobs blobs;

    private HubParquet(List<Path> files, Columns columns) {
        this.files = files;
        int size = ParquetFiles.count(files);
        this.blobs = new ParquetBlobs(files, ParquetFiles.identifier(columns.image) + ".bytes", size);
        this.labels = ParquetFiles.query(
                files.get(0),
                "SELECT COALESCE(CAST(" + ParquetFiles.identifier(columns.label) + " AS INTEGER), -1) FROM "
                        + ParquetFiles.table(files),
                rows -> {
                    int[] all = new int[size];
                    for (int i = 0; i < size && rows.next(); i++) {
                        all[i] = rows.getInt(1);
                    }
                    return all;
                });
        int classes = columns.classes.size();
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw InputException.at(
                        name(i), "label " + labels[i], "0 to " + (classes - 1), "Remove unlabelled rows from the file");
            }
        }
    }

    /** Whether a folder, or its sub-folder {@code data} or {@code train}, holds such files. */
    public static boolean isOne(Path folder) {
        return !part(folder, "train").isEmpty();
    }

    /**
     * What the files do not say of themselves, or say twice.
     *
     * @param label the label column, or null for the first ClassLabel
     * @param classes the classes' names in the order of the labels, or empty for those in the files
     * @param pooled whether the parts that the files come in are put together and split anew
     */
    public record Reading(@Nullable String label, List<String> classes, boolean pooled) {
        /** As the files say. */
        public static final Reading PLAIN = new Reading(null, List.of(), false);
    }

    /** Opens a folder of such files; pictures are read when asked for. */
    public static Dataset open(Path folder, Splitting splitting) {
        return open(folder, splitting, Reading.PLAIN);
    }

    /** Opens a folder of such files, read in a certain way. */
    public static Dataset open(Path folder, Splitting splitting, Reading reading) {
        List<Path> train = part(folder, "train");
        if (train.isEmpty()) {
            throw InputException.at(folder, "no train-*.parquet", "Parquet files of the hub", "Check the folder");
        }
        Columns columns = columns(train.get(0), reading);
        List<Path> validation = Stream.concat(part(folder, "validation").stream(), part(folder, "valid").stream())
                .distinct()
                .toList();
        List<Path> test = part(folder, "test");
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        Prompts prompts = new Prompts(columns.classes, Prompts.PHOTO_TEMPLATES);
        if (reading.pooled) {
            List<Path> all = Stream.of(train, validation, test)
                    .flatMap(List::stream)
                    .distinct()
                    .toList();
            return splitting.split(
                    name,
                    "Parquet " + folder + ", all parts together",
                    prompts,
                    new HubParquet(all, columns),
                    null,
                    null);
        }
        return splitting.split(
                name,
                "Parquet " + folder,
                prompts,
                new HubParquet(train, columns),
                validation.isEmpty() ? null : new HubParquet(validation, columns),
                test.isEmpty() ? null : new HubParquet(test, columns));
    }

    private static List<Path> part(Path folder, String part) {
        for (Path place : List.of(folder, folder.resolve("data"), folder.resolve(part))) {
            if (!Files.isDirectory(place)) {
                continue;
            }
            try (Stream<Path> entries = Files.list(place)) {
                List<Path> found = entries.filter(p -> {
                            String file = String.valueOf(p.getFileName());
                            // The hub's own conversions keep every split's files in a folder of its name.
                            return (file.startsWith(part + "-") || place.endsWith(part)) && file.endsWith(".parquet");
                        })
                        .sorted()
                        .toList();
                if (!found.isEmpty()) {
                    return found;
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot list " + place + ": " + e.getMessage(), e);
            }
        }
        return List.of();
    }

    /** Which column is the image, which the label, and what the classes are called, from the file's own metadata. */
    private static Columns columns(Path file, Reading reading) {
        String json = ParquetFiles.query(
                file, "SELECT key, value FROM parquet_kv_metadata(" + ParquetFiles.quoted(file) + ")", rows -> {
                    while (rows.next()) {
                        if (new String(ParquetFiles.bytes(rows.getObject(1)), StandardCharsets.UTF_8)
                                .equals("huggingface")) {
                            return new String(ParquetFiles.bytes(rows.getObject(2)), StandardCharsets.UTF_8);
                        }
                    }
                    return "{}";
                });
        JsonNode features;
        try {
            features = new ObjectMapper().readTree(json).path("info").path("features");
        } catch (JsonProcessingException e) {
            throw InputException.at(
                    file, "'huggingface' metadata that is not JSON", "JSON", "Export the data set again", e);
        }
        String image = null;
        String label = null;
        List<String> classes = new ArrayList<>();
        for (Map.Entry<String, JsonNode> feature : features.properties()) {
            String type = feature.getValue().path("_type").asText();
            boolean wanted = reading.label == null ? type.equals("ClassLabel") : reading.label.equals(feature.getKey());
            if (type.equals("Image") && image == null) {
                image = feature.getKey();
            } else if (wanted && label == null) {
                label = feature.getKey();
                feature.getValue()
                        .path("names")
                        .forEach(n -> classes.add(n.asText().replace('_', ' ')));
            }
        }
        if (!reading.classes.isEmpty()) {
            if (!classes.isEmpty() && classes.size() != reading.classes.size()) {
                throw InputException.at(
                        file,
                        classes.size() + " classes in its column '" + label + "'",
                        reading.classes.size() + ", as were named",
                        "Name every class, in the order of the labels");
            }
            classes.clear();
            classes.addAll(reading.classes);
        }
        if (reading.label != null && label == null) {
            throw InputException.at(
                    file,
                    "no column '" + reading.label + "' among "
                            + features.properties().stream()
                                    .map(Map.Entry::getKey)
                                    .toList(),
                    "the label column that was named",
                    "Correct the name");
        }
        if (image == null || label == null || classes.isEmpty()) {
            throw InputException.at(
                    file,
                    "metadata without an Image and a ClassLabel feature",
                    "both, under the key 'huggingface'",
                    "Export the data set with the datasets library, or sort the pictures into one folder a class");
        }
        return new Columns(image, label, List.copyOf(classes));
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public int label(int i) {
        return labels[i];
    }

    @Override
    public String name(int i) {
        return files.get(0)
                        .resolveSibling(
                                files.size() == 1 ? files.get(0).getFileName().toString() : "*.parquet")
                + "#"
                + i;
    }

    @Override
    public Picture read(int i) throws UnreadablePictureException {
        return PictureDecoder.decode(blobs.row(i, name(i)), name(i));
    }
}
