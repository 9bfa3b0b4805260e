package io.residual.tables;

import io.residual.base.InputException;
import io.residual.data.ClassNames;
import io.residual.data.Dataset;
import io.residual.data.Prompts;
import io.residual.data.Reading;
import io.residual.data.SplitNames;
import io.residual.data.SplitNames.Part;
import io.residual.data.Splitting;
import io.residual.images.Image;
import io.residual.images.ImageDecoder;
import io.residual.images.StoredImages;
import io.residual.images.UnreadableImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Image data sets as the Hugging Face hub keeps them: Parquet files {@code train-*.parquet}, {@code test-*.parquet} and perhaps {@code
 * validation-*.parquet} (or {@code train/*.parquet} and so on, as the hub's conversions; {@link SplitNames} has all the words), with
 * an image column and a label column. The classes' names stand in each file's own metadata under {@code huggingface}, or in the
 * label column itself; files that number them differently are brought together by name.
 */
public final class HubParquet implements StoredImages {
    private final ParquetBlobs blobs;
    private final int[] labels;

    private @Nullable String @Nullable [] hashes;

    HubParquet(ParquetBlobs blobs, int[] labels) {
        this.blobs = blobs;
        this.labels = labels;
    }

    /**
     * Whether a folder, its sub-folder {@code data}, or folders in them that are called after splits, hold such files for training.
     */
    public static boolean isOne(Path folder) {
        return Files.isDirectory(folder) && HubLayout.of(folder).has(Part.TRAIN);
    }

    /** Whether there are Parquet files where a data set's would be, for training or not. */
    public static boolean hasFiles(Path folder) {
        return Files.isDirectory(folder) && !HubLayout.of(folder).parts().isEmpty();
    }

    /** Opens a folder of such files; images are read when asked for. */
    public static Dataset open(Path folder, Splitting splitting) {
        return open(folder, splitting, Reading.PLAIN);
    }

    /** Opens a folder of such files, read in a certain way. */
    public static Dataset open(Path folder, Splitting splitting, Reading reading) {
        HubLayout layout = HubLayout.of(folder);
        if (!layout.has(Part.TRAIN)) {
            throw InputException.at(
                    folder,
                    "no train-*.parquet"
                            + (layout.parts().isEmpty()
                                    ? ""
                                    : ", only "
                                            + layout.parts().keySet().stream()
                                                    .map(Part::id)
                                                    .toList()),
                    "Parquet files of the hub, for training too",
                    "Check the folder");
        }
        List<String> notes = new ArrayList<>();
        if (!layout.unknown().isEmpty()) {
            notes.add("left out, since the name says no split (train, validation or test): "
                    + ClassNames.some(layout.unknown()) + "; rename the files that are wanted");
        }
        Map<Part, List<Path>> files = layout.parts();
        if (reading.pooled()) {
            files = new EnumMap<>(Part.class);
            files.put(
                    Part.TRAIN,
                    layout.parts().values().stream().flatMap(List::stream).toList());
        }
        HubReader reader =
                new HubReader(folder, files.getOrDefault(Part.TRAIN, List.of()).get(0), reading, notes);
        Map<Part, HubReader.Rows> rows = new EnumMap<>(Part.class);
        files.forEach((part, of) -> rows.put(part, reader.rows(of)));
        Map<Part, HubParquet> parts = reader.parts(rows);
        HubParquet train = parts.get(Part.TRAIN);
        if (train == null) {
            throw new IllegalStateException("no training part"); // one was found above
        }
        return splitting
                .split(
                        String.valueOf(folder.toAbsolutePath().normalize().getFileName()),
                        "Parquet " + folder + (reading.pooled() ? ", all parts together" : ""),
                        new Prompts(reader.classes(), Prompts.PHOTO_TEMPLATES),
                        train,
                        parts.get(Part.VALIDATION),
                        parts.get(Part.TEST))
                .noted(notes);
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
        return blobs.name(i);
    }

    @Override
    public Image read(int i) throws UnreadableImageException {
        return ImageDecoder.decode(blobs.row(i), name(i));
    }

    @Override
    public synchronized @Nullable String fingerprint(int i) {
        @Nullable String[] known = hashes;
        if (known == null) {
            known = blobs.hashes();
            hashes = known;
        }
        return known.length == 0 ? null : known[i];
    }

    @Override
    public byte[] bytes(int i) throws IOException {
        try {
            return blobs.row(i);
        } catch (UnreadableImageException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Not without reading whole pages. */
    @Override
    public byte @Nullable [] head(int i) {
        return null;
    }
}
