package io.residual.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.tables.DuckDb;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepStoreTest {
    @TempDir
    Path folder;

    /** Sweeps take hours: what an earlier version has begun must go on. */
    @Test
    void open_aFileOfAnEarlierVersion_keepsItsRows() throws SQLException {
        Path file = folder.resolve("results.duckdb");
        try (SweepStore store = new SweepStore(file)) {
            assertEquals(0, store.keys(false).size());
        }
        try (Connection connection = DuckDb.open(file);
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER TABLE runs RENAME COLUMN held_out_accuracy TO judged_accuracy");
            statement.execute("INSERT INTO runs (key, judged_accuracy) VALUES ('k', 0.25)");
        }
        try (SweepStore store = new SweepStore(file)) {
            assertEquals(1, store.keys(false).size());
        }
        try (Connection connection = DuckDb.open(file);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT held_out_accuracy FROM runs")) {
            rows.next();
            assertEquals(.25, rows.getDouble(1), 0);
        }
    }
}
