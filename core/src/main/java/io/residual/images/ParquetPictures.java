package io.residual.images;

import io.residual.base.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The pictures of a Parquet file without labels: of its first column that is a struct with {@code bytes} (as the hub has it), or
 * else of bytes.
 */
public final class ParquetPictures implements PictureSource {
    private static final int CHUNK = 256;
    private static final int KEPT_CHUNKS = 4;

    private final Path file;
    private final String column;
    private final boolean struct;
    private final int size;
    private final Map<Integer, byte[][]> chunks = new LinkedHashMap<>(16, .75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, byte[][]> eldest) {
            return size() > KEPT_CHUNKS;
        }
    };

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
        this.column = found.name;
        this.struct = !found.type.equals("BLOB");
        this.size = ParquetFiles.query(file, "SELECT COUNT(*) FROM " + table, rows -> {
            rows.next();
            return Math.toIntExact(rows.getLong(1));
        });
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
        byte[] encoded;
        synchronized (chunks) {
            encoded = chunks.computeIfAbsent(i / CHUNK, this::readChunk)[i % CHUNK];
        }
        if (encoded == null) {
            throw new UnreadablePictureException(name(i), "has no bytes");
        }
        return PictureDecoder.decode(encoded, name(i));
    }

    private byte[][] readChunk(int chunk) {
        int from = chunk * CHUNK;
        int count = Math.min(CHUNK, size - from);
        String sql = "SELECT " + ParquetFiles.identifier(column) + (struct ? ".bytes" : "") + " FROM "
                + ParquetFiles.table(List.of(file)) + " LIMIT " + count + " OFFSET " + from;
        return ParquetFiles.query(file, sql, rows -> {
            byte[][] out = new byte[count][];
            for (int r = 0; r < count && rows.next(); r++) {
                Object value = rows.getObject(1);
                out[r] = value == null ? null : ParquetFiles.bytes(value);
            }
            return out;
        });
    }
}
