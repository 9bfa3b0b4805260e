package io.residual.tables;

import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Schema;
import io.residual.predict.Prediction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.function.Consumer;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Predictions as a table: {@code image}, {@code class}, {@code probability}, {@code accepted}, {@code error}; the last is null
 * for an image that could be read, the three before it for one that could not. CSV, Parquet or JSON lines, by the file's ending.
 */
public final class PredictionFiles {
    private PredictionFiles() {}

    /** Receives rows. */
    public interface Rows {
        /** Adds an image with its prediction. */
        void add(String image, Prediction prediction);

        /** Adds an image that could not be read, with the reason. */
        void failed(String image, String reason);
    }

    /** Whether a file's ending is supported. */
    public static boolean knows(Path target) {
        return format(target) != null;
    }

    /** A table's columns; a line of JSON says besides what it is. */
    private static String rows(String format) {
        return format.equals("json")
                ? "(SELECT '" + Schema.PREDICTION.label() + "' AS " + Schema.KEY + ", " + Schema.PREDICTION.version()
                        + " AS " + Schema.VERSION + ", * FROM predictions)"
                : "predictions";
    }

    private static @Nullable String format(Path target) {
        String name = target.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".csv")
                ? "csv, header"
                : name.endsWith(".parquet") ? "parquet" : name.endsWith(".jsonl") ? "json" : null;
    }

    /** Writes a file of the kind that its ending says; nothing appears under its name until it is whole. */
    public static void write(Path target, Consumer<Rows> source) {
        String format = format(target);
        if (format == null) {
            throw InputException.at(target, "this ending", ".csv, .parquet or .jsonl", "Give the file another ending");
        }
        AtomicFiles.write(target, file -> write(file, format, source));
    }

    private static void write(Path file, String format, Consumer<Rows> source) {
        Path scratch = AtomicFiles.scratchBeside(file, ".duckdb");
        Path log = AtomicFiles.scratchBeside(file, ".duckdb.wal");
        try (Connection connection = DuckDb.open(scratch);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE predictions (image VARCHAR, class VARCHAR, probability DOUBLE,"
                    + " accepted BOOLEAN, error VARCHAR)");
            try (DuckDBAppender appender =
                    connection.unwrap(DuckDBConnection.class).createAppender("main", "predictions")) {
                source.accept(new Appended(appender));
            }
            String to = file.toString().replace("'", "''");
            statement.execute("COPY " + rows(format) + " TO '" + to + "' (FORMAT " + format + ", USE_TMP_FILE false)");
        } catch (SQLException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), new IOException(e));
        } finally {
            AtomicFiles.delete(scratch);
            AtomicFiles.delete(log);
        }
    }

    private record Appended(DuckDBAppender appender) implements Rows {
        @Override
        public void add(String image, Prediction prediction) {
            row(image, prediction.label(), prediction.probability(), prediction.accepted(), null);
        }

        @Override
        public void failed(String image, String reason) {
            row(image, null, null, null, reason);
        }

        private void row(
                @Nullable String image,
                @Nullable String label,
                @Nullable Double probability,
                @Nullable Boolean accepted,
                @Nullable String error) {
            try {
                appender.beginRow()
                        .append(image)
                        .append(label)
                        .append(probability)
                        .append(accepted)
                        .append(error)
                        .endRow();
            } catch (SQLException e) {
                throw new IllegalStateException("cannot write predictions: " + e.getMessage(), e);
            }
        }
    }
}
