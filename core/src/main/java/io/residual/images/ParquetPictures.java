package io.residual.images;

import io.residual.base.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The pictures of a Parquet file without labels: of its first column that is a struct with {@code bytes} (as the hub has it), or
 * else of bytes.
 */
public final class ParquetPictures implements PictureSource {
    private final Path file;
    private final int size;
    private final ParquetBlobs blobs;

    /**
     * Opens a file; pictures are read when asked for.
     *
     * @throws InputException if it is not Parquet, or has no column of pictures
     */
    public ParquetPictures(Path file) {
        this.file = file;
        String table = ParquetFiles.table(List.of(file));
        record Column(String name, String type) {}
        List<Column> columns = ParquetFiles.query(file, "DESCRIBE SELECT * FROM " + table, rows -> {
            List<Column> all = new ArrayList<>();
            while (rows.next()) {
                all.add(new Column(rows.getString(1), rows.getString(2)));
            }
            return all;
        });
        Column found = columns.stream()
                .filter(c -> c.type.startsWith("STRUCT") && c.type.contains("bytes BLOB"))
                .findFirst()
                .or(() -> columns.stream().filter(c -> c.type.equals("BLOB")).findFirst())
                .orElseThrow(() -> InputException.at(
                        file,
                        "columns "
                                + columns.stream()
                                        .map(c -> c.name + " " + c.type)
                                        .toList(),
                        "one of pictures: a struct with bytes, or bytes",
                        "Export the pictures' bytes too"));
        String bytes = ParquetFiles.identifier(found.name) + (found.type.equals("BLOB") ? "" : ".bytes");
        this.size = ParquetFiles.count(List.of(file));
        this.blobs = new ParquetBlobs(List.of(file), bytes, size);
    }

    @Override
    public int size() {
        return size;
    }

    /** No labels are known: 0. */
    @Override
    public int label(int i) {
        return 0;
    }

    @Override
    public String name(int i) {
        return file + "#" + i;
    }

    @Override
    public Picture read(int i) throws UnreadablePictureException {
        return PictureDecoder.decode(blobs.row(i, name(i)), name(i));
    }
}
