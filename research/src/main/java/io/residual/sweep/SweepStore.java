package io.residual.sweep;

import io.residual.base.AtomicFiles;
import io.residual.base.FolderLock;
import io.residual.base.InputException;
import io.residual.base.Unwritable;
import io.residual.tables.DuckDb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The results of a sweep in one DuckDB file. Every row is a transaction of its own, so what has ended is there after any
 * crash; one process at a time may have the file open.
 */
public final class SweepStore implements AutoCloseable {
    private static final String RUNS = """
            CREATE TABLE IF NOT EXISTS runs (
              key VARCHAR PRIMARY KEY, model VARCHAR, model_hash VARCHAR, dataset VARCHAR, variant VARCHAR, method VARCHAR,
              shots INTEGER, draw BIGINT, classes INTEGER, train_images INTEGER, validation_images INTEGER,
              parameters BIGINT, train_accuracy DOUBLE, validation_accuracy DOUBLE, held_out_accuracy DOUBLE,
              fit_seconds DOUBLE, curve VARCHAR, calibration VARCHAR, provenance VARCHAR, fitted_at VARCHAR,
              test_right INTEGER, test_images INTEGER, test_hash VARCHAR, error_before DOUBLE, error_after DOUBLE,
              coverage DOUBLE, accepted_accuracy DOUBLE, tested_at VARCHAR)""";
    /** What came later; a database of before gets it when it is opened. */
    private static final List<String> LATER = List.of(
            "strength DOUBLE",
            "note VARCHAR",
            "worst_class VARCHAR",
            "worst_right INTEGER",
            "worst_images INTEGER",
            "class_right VARCHAR",
            "class_images VARCHAR");

    private static final String FORGETTING = """
            CREATE TABLE IF NOT EXISTS forgetting (
              key VARCHAR, task VARCHAR, images INTEGER, accuracy DOUBLE, PRIMARY KEY (key, task))""";
    private static final String TRACES = """
            CREATE TABLE IF NOT EXISTS traces (
              model VARCHAR, dataset VARCHAR, split VARCHAR, images INTEGER, skipped INTEGER, seconds DOUBLE,
              data_hash VARCHAR, decomposition_error DOUBLE, PRIMARY KEY (model, dataset, split))""";

    private final Path file;
    private final FolderLock lock;
    private final Connection connection;

    /**
     * Opens or creates the database and locks its folder.
     *
     * @throws io.residual.base.InputException if it cannot be created, or another process uses the folder
     */
    public SweepStore(Path file) {
        this.file = file;
        if (!Files.exists(file)) {
            AtomicFiles.requireWritable(file);
        }
        // Hold the lock across the existence check and the cleanup of a failed database, so that no other process
        // creates or uses the file in between.
        lock = FolderLock.take(file.toAbsolutePath().resolveSibling(""));
        boolean there = Files.exists(file);
        try {
            connection = opened(file);
        } catch (SQLException e) {
            if (!there) { // a database that a full disk left incomplete could never be opened
                AtomicFiles.delete(file);
                AtomicFiles.delete(file.resolveSibling(file.getFileName() + ".wal"));
            }
            lock.close();
            InputException unwritable = Unwritable.input(file, e);
            if (unwritable != null) {
                throw unwritable;
            }
            String message = String.valueOf(e.getMessage());
            throw message.contains("Could not set lock")
                    ? InputException.at(
                            file,
                            "a database that another process has open",
                            "one sweep at a time",
                            "Wait for it, or give another --out",
                            e)
                    : InputException.at(
                            file,
                            "something that is not a sweep's database ("
                                    + message.lines().findFirst().orElse("") + ")",
                            "a DuckDB file of this version",
                            "Give another --out",
                            e);
        }
    }

    private static Connection opened(Path file) throws SQLException {
        Connection connection = DuckDb.open(file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET threads TO 1");
            for (String table : List.of(RUNS, FORGETTING, TRACES)) {
                statement.execute(table);
            }
            renameFormerColumns(statement);
            for (String column : LATER) {
                statement.execute("ALTER TABLE runs ADD COLUMN IF NOT EXISTS " + column);
            }
            return connection;
        } catch (SQLException e) {
            try (connection) {
                throw e;
            }
        }
    }

    /** A file of an earlier version goes on being one. */
    private static void renameFormerColumns(Statement statement) throws SQLException {
        boolean former;
        try (ResultSet found = statement.executeQuery(
                "SELECT 1 FROM duckdb_columns() WHERE table_name = 'runs'" + " AND column_name = 'judged_accuracy'")) {
            former = found.next();
        }
        if (former) {
            statement.execute("ALTER TABLE runs RENAME COLUMN judged_accuracy TO held_out_accuracy");
        }
    }

    /** A row: values by column name. */
    public record Row(Map<String, Object> values) {
        /** The text of a column. */
        public String text(String column) {
            return String.valueOf(values.get(column));
        }

        /** A number; NaN where there is none. */
        public double number(String column) {
            return values.get(column) instanceof Number n ? n.doubleValue() : Double.NaN;
        }

        /** A whole number; 0 where there is none. */
        public int whole(String column) {
            return values.get(column) instanceof Number n ? n.intValue() : 0;
        }

        /** Whether a column is not null. */
        public boolean has(String column) {
            return values.get(column) != null;
        }
    }

    /** Adds a row, or replaces the one with its key. */
    public void put(String table, Map<String, @Nullable Object> values) {
        String columns = String.join(", ", values.keySet());
        String marks = String.join(", ", java.util.Collections.nCopies(values.size(), "?"));
        update("INSERT OR REPLACE INTO " + table + " (" + columns + ") VALUES (" + marks + ")", values.values());
    }

    /** Updates columns of a run. */
    public void change(String key, Map<String, @Nullable Object> values) {
        List<@Nullable Object> all = new ArrayList<>(values.values());
        all.add(key);
        update("UPDATE runs SET " + String.join(" = ?, ", values.keySet()) + " = ? WHERE key = ?", all);
    }

    private void update(String sql, Iterable<? extends @Nullable Object> values) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int i = 1;
            for (Object value : values) {
                statement.setObject(i++, value);
            }
            statement.executeUpdate();
        } catch (SQLException e) {
            InputException unwritable = Unwritable.input(file, e);
            throw unwritable != null
                    ? unwritable
                    : new IllegalStateException("cannot write to " + file + ": " + e.getMessage(), e);
        }
    }

    /** The rows of a query, in its order. */
    public List<Row> rows(String sql, Object... values) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            List<Row> rows = new ArrayList<>();
            try (ResultSet found = statement.executeQuery()) {
                int columns = found.getMetaData().getColumnCount();
                while (found.next()) {
                    Map<String, Object> row = new LinkedHashMap<>();
                    for (int c = 1; c <= columns; c++) {
                        row.put(found.getMetaData().getColumnName(c), found.getObject(c));
                    }
                    rows.add(new Row(row));
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** The keys of runs that have been fitted, or tested as well. */
    public Set<String> keys(boolean tested) {
        Set<String> keys = new HashSet<>();
        rows("SELECT key FROM runs" + (tested ? " WHERE tested_at IS NOT NULL" : ""))
                .forEach(r -> keys.add(r.text("key")));
        return keys;
    }

    @Override
    public void close() {
        try {
            connection.close();
            lock.close();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot close " + file + ": " + e.getMessage(), e);
        }
    }
}
