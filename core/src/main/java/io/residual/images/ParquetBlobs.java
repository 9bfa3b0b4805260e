package io.residual.images;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The bytes in a column's rows, some hundred rows at a time; the last few such chunks stay in memory, so that reading in order reads
 * once. A few hundred bytes of file can stand for gigabytes in rows (a dictionary), so sizes are asked for before contents.
 */
final class ParquetBlobs {
    private static final int CHUNK = 256;
    private static final int KEPT_CHUNKS = 4;
    private static final long MOST_OF_A_ROW = 100L << 20;
    private static final long MOST_TOGETHER = 64L << 20;

    private final List<Path> files;
    private final String expression;
    private final int size;
    private final Map<Integer, Chunk> chunks = new LinkedHashMap<>(16, .75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Chunk> eldest) {
            return size() > KEPT_CHUNKS;
        }
    };

    /** Some rows: how large they are, and what they are unless that is too much to keep. */
    private record Chunk(long[] sizes, byte @Nullable [] @Nullable [] rows) {}

    /**
     * Rows of files.
     *
     * @param expression the bytes, in DuckDB's SQL
     * @param size rows in all
     */
    ParquetBlobs(List<Path> files, String expression, int size) {
        this.files = List.copyOf(files);
        this.expression = expression;
        this.size = size;
    }

    /**
     * A row's bytes.
     *
     * @param name the picture's, for an error
     * @throws UnreadablePictureException if there are none, or too many
     */
    byte[] row(int i, String name) throws UnreadablePictureException {
        Chunk chunk;
        synchronized (chunks) {
            chunk = chunks.computeIfAbsent(i / CHUNK, this::read);
        }
        long bytes = chunk.sizes[i % CHUNK];
        if (bytes > MOST_OF_A_ROW) {
            throw new UnreadablePictureException(name, "has " + bytes + " bytes, more than " + MOST_OF_A_ROW);
        }
        byte[] row = chunk.rows == null ? contents(i, 1)[0] : chunk.rows[i % CHUNK];
        if (row == null) {
            throw new UnreadablePictureException(name, "has no bytes");
        }
        return row;
    }

    private Chunk read(int chunk) {
        int from = chunk * CHUNK;
        int count = Math.min(CHUNK, size - from);
        long[] sizes =
                ParquetFiles.query(files.get(0), select("octet_length(" + expression + ")", from, count), rows -> {
                    long[] out = new long[count];
                    for (int r = 0; r < count && rows.next(); r++) {
                        out[r] = rows.getLong(1);
                    }
                    return out;
                });
        boolean small = Arrays.stream(sizes).allMatch(s -> s <= MOST_OF_A_ROW)
                && Arrays.stream(sizes).sum() <= MOST_TOGETHER;
        return new Chunk(sizes, small ? contents(from, count) : null);
    }

    private byte[] @Nullable [] contents(int from, int count) {
        return ParquetFiles.query(files.get(0), select(expression, from, count), rows -> {
            byte[][] out = new byte[count][];
            for (int r = 0; r < count && rows.next(); r++) {
                Object value = rows.getObject(1);
                out[r] = value == null ? null : ParquetFiles.bytes(value);
            }
            return out;
        });
    }

    private String select(String what, int from, int count) {
        return "SELECT " + what + " FROM " + ParquetFiles.table(files) + " LIMIT " + count + " OFFSET " + from;
    }
}
