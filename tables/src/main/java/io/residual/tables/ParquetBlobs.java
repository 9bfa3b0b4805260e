package io.residual.tables;

import io.residual.data.ContainedPaths;
import io.residual.images.UnreadableImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The images in the rows of Parquet files, some hundred rows at a time; the last few such chunks stay in memory, so that reading in
 * order reads once. A few hundred bytes of file can stand for gigabytes in rows (a dictionary), so sizes are asked for before contents.
 */
final class ParquetBlobs {
    private static final int CHUNK = 256;
    private static final int KEPT_CHUNKS = 4;
    private static final long MOST_OF_A_ROW = 100L << 20;
    private static final long MOST_TOGETHER = 64L << 20;
    private static final long MOST_COMPARED = 4L << 30;

    /**
     * A Parquet file.
     *
     * @param rows number of rows
     */
    record Table(Path file, ImageColumn column, int rows) {}

    private record Place(int table, int chunk) {}

    /** Some rows: how large they are, what they are unless that is too much to keep, and the paths of those without bytes. */
    private record Chunk(
            long[] sizes,
            byte @Nullable [] @Nullable [] rows,
            @Nullable String[] paths) {}

    private final Path root;
    private final List<Table> tables;
    private final int[] firsts;
    private final Map<Place, Chunk> chunks = new LinkedHashMap<>(16, .75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, Chunk> eldest) {
            return size() > KEPT_CHUNKS;
        }
    };

    /**
     * Rows of files, one file after the other.
     *
     * @param root the folder that paths in them may lead to
     */
    ParquetBlobs(Path root, List<Table> tables) {
        this.root = root;
        this.tables = List.copyOf(tables);
        this.firsts = new int[tables.size()];
        for (int t = 1; t < firsts.length; t++) {
            firsts[t] = firsts[t - 1] + tables.get(t - 1).rows;
        }
    }

    /** The number of rows in all files. */
    int size() {
        int last = firsts.length - 1;
        return last < 0 ? 0 : firsts[last] + tables.get(last).rows;
    }

    /** Which file a row is in; of those with the same first row (empty files) the last. */
    private int table(int i) {
        int at = Arrays.binarySearch(firsts, i);
        int table = at < 0 ? -at - 2 : at;
        while (table + 1 < firsts.length && firsts[table + 1] <= i) {
            table++;
        }
        return table;
    }

    /** The name of a row: its file and its number there. */
    String name(int i) {
        int table = table(i);
        return tables.get(table).file + "#" + (i - firsts[table]);
    }

    /**
     * A row's bytes.
     *
     * @throws UnreadableImageException if there are none, or too many
     */
    byte[] row(int i) throws UnreadableImageException {
        int table = table(i);
        int row = i - firsts[table];
        String name = name(i);
        Chunk chunk;
        synchronized (chunks) {
            chunk = chunks.computeIfAbsent(new Place(table, row / CHUNK), this::read);
        }
        long bytes = chunk.sizes[row % CHUNK];
        if (bytes > MOST_OF_A_ROW) {
            throw tooMany(name, bytes);
        }
        byte @Nullable [] content =
                chunk.rows == null ? contents(tables.get(table), row, 1)[0] : chunk.rows[row % CHUNK];
        if (content != null) {
            return content;
        }
        String path = chunk.paths[row % CHUNK];
        if (path == null) {
            throw new UnreadableImageException(name, "has no bytes");
        }
        Path file = new ContainedPaths(root, tables.get(table).file).resolve(path, name);
        try {
            if (Files.size(file) > MOST_OF_A_ROW) {
                throw tooMany(name, Files.size(file));
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UnreadableImageException(name, "cannot be read (" + e.getMessage() + ")", e);
        }
    }

    private static UnreadableImageException tooMany(String name, long bytes) {
        return new UnreadableImageException(name, "has " + bytes + " bytes, more than " + MOST_OF_A_ROW);
    }

    private Chunk read(Place place) {
        Table table = tables.get(place.table);
        int from = place.chunk * CHUNK;
        int count = Math.min(CHUNK, table.rows - from);
        String path = table.column.path();
        long[] sizes = new long[count];
        @Nullable String[] paths = new @Nullable String[count];
        String what = "octet_length(" + table.column.bytes() + "), " + (path == null ? "NULL" : path);
        ParquetFiles.query(table.file, select(table.file, what, from, count), rows -> {
            for (int r = 0; r < count && rows.next(); r++) {
                sizes[r] = rows.getLong(1);
                paths[r] = rows.getString(2);
            }
            return count;
        });
        boolean small = Arrays.stream(sizes).allMatch(s -> s <= MOST_OF_A_ROW)
                && Arrays.stream(sizes).sum() <= MOST_TOGETHER;
        return new Chunk(sizes, small ? contents(table, from, count) : null, paths);
    }

    private static byte[] @Nullable [] contents(Table table, int from, int count) {
        return ParquetFiles.query(table.file, select(table.file, table.column.bytes(), from, count), rows -> {
            byte[][] out = new byte[count][];
            for (int r = 0; r < count && rows.next(); r++) {
                Object value = rows.getObject(1);
                out[r] = value == null ? null : ParquetFiles.bytes(value);
            }
            return out;
        });
    }

    private static String select(Path file, String what, int from, int count) {
        return "SELECT " + what + " FROM " + ParquetFiles.table(List.of(file)) + " LIMIT " + count + " OFFSET " + from;
    }

    /** Rows without an image: neither bytes nor a path to a file; with the reason. */
    List<UnreadableImageException> missing() {
        List<UnreadableImageException> out = new ArrayList<>();
        for (Table table : tables) {
            String path = table.column.path();
            ContainedPaths paths = new ContainedPaths(root, table.file);
            ParquetFiles.query(
                    table.file,
                    "SELECT n, path FROM (SELECT row_number() OVER () - 1 AS n, " + table.column.bytes()
                            + " IS NULL AS none, "
                            + (path == null ? "NULL" : path) + " AS path FROM "
                            + ParquetFiles.table(List.of(table.file)) + ") WHERE none ORDER BY n",
                    rows -> {
                        while (rows.next()) {
                            String name = table.file + "#" + rows.getLong(1);
                            String text = rows.getString(2);
                            try {
                                if (text == null) {
                                    throw new UnreadableImageException(name, "has no bytes");
                                }
                                paths.resolve(text, name);
                            } catch (UnreadableImageException e) {
                                out.add(e);
                            }
                        }
                        return 0;
                    });
        }
        return out;
    }

    /** A hash of every row's bytes, null for one without; empty where there are too many bytes to go through. */
    @Nullable
    String[] hashes() {
        @Nullable String[] out = new @Nullable String[size()];
        for (int t = 0; t < firsts.length; t++) {
            Table table = tables.get(t);
            String from = " FROM " + ParquetFiles.table(List.of(table.file));
            String bytes = table.column.bytes();
            long all = ParquetFiles.query(
                    table.file, "SELECT COALESCE(SUM(octet_length(" + bytes + ")), 0)" + from, rows -> {
                        rows.next();
                        return rows.getLong(1);
                    });
            if (all > MOST_COMPARED) {
                return new String[0];
            }
            int first = firsts[t];
            ParquetFiles.query(table.file, "SELECT md5(" + bytes + ")" + from, rows -> {
                for (int r = 0; r < table.rows && rows.next(); r++) {
                    out[first + r] = rows.getString(1);
                }
                return 0;
            });
        }
        return out;
    }
}
