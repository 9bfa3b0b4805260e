package io.residual.tables;

import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Printable;
import io.residual.weights.NumpyFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * Rows of names and embeddings for a vector search, written as they come, in little memory: Parquet ({@code image} a text,
 * {@code embedding} a list of floats), or NumPy (an [n, D] array of little-endian floats, and beside it {@code .names.txt} with a
 * name a line).
 */
public final class EmbeddingFiles {
    private EmbeddingFiles() {}

    /** Receives a batch of rows. */
    public interface Rows {
        /**
         * Adds rows.
         *
         * @param names n of them
         * @param embeddings n rows of D
         */
        void add(List<String> names, float[] embeddings);
    }

    /** Writes a file of the kind that its ending says; nothing appears under its name until it is whole. */
    public static void write(Path target, int width, Consumer<Rows> source) {
        String name = target.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".parquet")) {
            AtomicFiles.write(target, file -> parquet(file, source));
        } else if (isNumpy(target)) {
            numpy(target, width, source);
        } else {
            throw InputException.at(target, "this ending", ".parquet or .npy", "Give the file another ending");
        }
    }

    /**
     * Complains if the files cannot be written there, before there is anything to write.
     *
     * @throws InputException as {@link AtomicFiles#requireWritable} has it
     */
    public static void requireWritable(Path target) {
        AtomicFiles.requireWritable(target);
        if (isNumpy(target)) {
            AtomicFiles.requireWritable(names(target));
        }
    }

    private static boolean isNumpy(Path target) {
        return target.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".npy");
    }

    private static Path names(Path target) {
        return target.resolveSibling(target.getFileName() + ".names.txt");
    }

    private static void numpy(Path target, int width, Consumer<Rows> source) {
        Path names = names(target);
        AtomicFiles.write(
                names,
                list -> AtomicFiles.write(target, file -> {
                    int[] count = new int[1];
                    try (OutputStream out = Files.newOutputStream(file);
                            OutputStream lines = Files.newOutputStream(list)) {
                        out.write(NumpyFile.header(0, width)); // how many there are is known at the end
                        source.accept((some, embeddings) -> {
                            ByteBuffer bytes = ByteBuffer.allocate(embeddings.length * Float.BYTES)
                                    .order(ByteOrder.LITTLE_ENDIAN);
                            bytes.asFloatBuffer().put(embeddings);
                            try {
                                out.write(bytes.array());
                                for (String name : some) {
                                    lines.write((Printable.line(name) + "\n").getBytes(StandardCharsets.UTF_8));
                                }
                            } catch (IOException e) {
                                throw new UncheckedIOException("cannot write " + target + ": " + e.getMessage(), e);
                            }
                            count[0] += some.size();
                        });
                    }
                    try (RandomAccessFile again = new RandomAccessFile(file.toFile(), "rw")) {
                        again.write(NumpyFile.header(count[0], width));
                    }
                }));
    }

    private static void parquet(Path file, Consumer<Rows> source) {
        Path scratch = AtomicFiles.scratchBeside(file, ".duckdb");
        Path log = AtomicFiles.scratchBeside(file, ".duckdb.wal");
        try (Connection connection = DuckDb.open(scratch);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE embeddings (image VARCHAR, embedding FLOAT[])");
            try (DuckDBAppender appender =
                    connection.unwrap(DuckDBConnection.class).createAppender("main", "embeddings")) {
                source.accept((names, embeddings) -> {
                    try {
                        append(appender, names, embeddings);
                    } catch (SQLException e) {
                        throw new UncheckedIOException(
                                "cannot write " + file + ": " + e.getMessage(), new IOException(e));
                    }
                });
            }
            statement.execute("COPY embeddings TO '" + file.toString().replace("'", "''")
                    + "' (FORMAT parquet, USE_TMP_FILE false)");
        } catch (SQLException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), new IOException(e));
        } finally {
            AtomicFiles.delete(scratch);
            AtomicFiles.delete(log);
        }
    }

    private static void append(DuckDBAppender appender, List<String> names, float[] embeddings) throws SQLException {
        int width = names.isEmpty() ? 0 : embeddings.length / names.size();
        for (int i = 0; i < names.size(); i++) {
            appender.beginRow()
                    .append(names.get(i))
                    .append(Arrays.copyOfRange(embeddings, i * width, (i + 1) * width))
                    .endRow();
        }
    }
}
