package io.residual.tables;

import io.residual.base.InputException;
import io.residual.images.Image;
import io.residual.images.ImageDecoder;
import io.residual.images.ImageSource;
import io.residual.images.UnreadableImageException;
import io.residual.tables.ImageColumn.Typed;
import io.residual.tables.ParquetBlobs.Table;
import java.nio.file.Path;
import java.util.List;

/**
 * The images of a Parquet file without labels: of its first column that is a struct with {@code bytes} (as the hub has it), or
 * else of bytes. A row without bytes that names a file beside the Parquet file stands for it.
 */
public final class ParquetImages implements ImageSource {
    private final ParquetBlobs blobs;

    /**
     * Opens a file; images are read when asked for.
     *
     * @throws InputException if it is not Parquet, or has no column of images
     */
    public ParquetImages(Path file) {
        List<Typed> columns = ImageColumn.of(file);
        Typed found = columns.stream()
                .filter(c -> c.type().startsWith("STRUCT") && c.type().contains("bytes BLOB"))
                .findFirst()
                .or(() -> columns.stream().filter(c -> c.type().equals("BLOB")).findFirst())
                .orElseThrow(() -> unusable(file, columns));
        ImageColumn column = ImageColumn.of(found);
        if (column == null) {
            throw unusable(file, columns);
        }
        Path parent = file.toAbsolutePath().getParent();
        this.blobs = new ParquetBlobs(
                parent == null ? file : parent, List.of(new Table(file, column, ParquetFiles.count(List.of(file)))));
    }

    private static InputException unusable(Path file, List<Typed> columns) {
        return InputException.at(
                file,
                "columns "
                        + columns.stream().map(c -> c.name() + " " + c.type()).toList(),
                "one of images: a struct with bytes, or bytes",
                "Export the images' bytes too");
    }

    @Override
    public int size() {
        return blobs.size();
    }

    /** No labels are known: 0. */
    @Override
    public int label(int i) {
        return 0;
    }

    @Override
    public String name(int i) {
        return blobs.name(i);
    }

    @Override
    public Image read(int i) throws UnreadableImageException {
        return ImageDecoder.decode(blobs.row(i), name(i));
    }
}
