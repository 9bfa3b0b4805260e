package io.residual.prediction;

import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Predictions as a table: {@code picture}, {@code class}, {@code probability}, {@code accepted}, {@code error}; the last is null
 * for a picture that could be read, the three before it for one that could not. CSV, Parquet or JSON lines, by the file's ending.
 */
public final class PredictionFiles {
    private PredictionFiles() {}

    /** Takes rows. */
    public interface Rows {
        /** A picture and what it shows. */
        void add(String picture, Prediction prediction);

        /** A picture that could not be read, and why. */
        void failed(String reason);
    }

    /** Whether a file's ending is one of those. */
    public static boolean knows(Path target) {
        return format(target) != null;
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
        Path scratch = file.resolveSibling(file.getFileName() + ".duckdb");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + scratch);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE predictions (picture VARCHAR, class VARCHAR, probability DOUBLE,"
                    + " accepted BOOLEAN, error VARCHAR)");
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO predictions VALUES (?, ?, ?, ?, ?)")) {
                source.accept(new Inserted(insert));
            }
            String to = file.toString().replace("'", "''");
            statement.execute("COPY predictions TO '" + to + "' (FORMAT " + format + ")");
        } catch (SQLException e) {
            throw new IllegalStateException("cannot write " + file + ": " + e.getMessage(), e);
        } finally {
            AtomicFiles.delete(scratch);
            AtomicFiles.delete(scratch.resolveSibling(scratch.getFileName() + ".wal"));
        }
    }

    private record Inserted(PreparedStatement insert) implements Rows {
        @Override
        public void add(String picture, Prediction prediction) {
            try {
                insert.setString(1, picture);
                insert.setString(2, prediction.label());
                insert.setDouble(3, prediction.probability());
                insert.setBoolean(4, prediction.accepted());
                insert.setNull(5, Types.VARCHAR);
                insert.execute();
            } catch (SQLException e) {
                throw new IllegalStateException("cannot write predictions: " + e.getMessage(), e);
            }
        }

        @Override
        public void failed(String reason) {
            try {
                insert.setNull(1, Types.VARCHAR);
                insert.setNull(2, Types.VARCHAR);
                insert.setNull(3, Types.DOUBLE);
                insert.setNull(4, Types.BOOLEAN);
                insert.setString(5, reason);
                insert.execute();
            } catch (SQLException e) {
                throw new IllegalStateException("cannot write predictions: " + e.getMessage(), e);
            }
        }
    }
}
