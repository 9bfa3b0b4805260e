package io.residual.tables;

import io.residual.base.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.stream.Stream;

/**
 * Connections to DuckDB. Its driver unpacks a library of 60 MB into the folder for temporary files at the start of every process, and
 * means to delete it at the end, which a process that is halted never reaches; where the system lets a loaded library go
 * nameless, it goes at once.
 */
public final class DuckDb {
    private static final String LIBRARY = "libduckdb_java";
    private static boolean cleared;

    private DuckDb() {}

    /** Opens an in-memory database. The caller closes it. */
    public static Connection inMemory() throws SQLException {
        return connect("");
    }

    /** A database in a file, created if there is none. */
    public static Connection open(Path file) throws SQLException {
        return connect(file.toString());
    }

    private static synchronized Connection connect(String file) throws SQLException {
        if (!cleared) {
            TemporaryFolder.require("reading and writing Parquet files");
        }
        Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file);
        if (!cleared) {
            cleared = true;
            clear(Path.of("/proc/self/maps"));
        }
        return connection;
    }

    /** Only this very process's copy, which the system knows by name, and only among temporary files. */
    private static void clear(Path maps) {
        if (!Files.isReadable(maps)) {
            return; // another system than Linux
        }
        Path folder = TemporaryFolder.path();
        try (Stream<String> lines = Files.lines(maps)) {
            for (String name : lines.filter(line -> line.contains("/" + LIBRARY))
                    .map(line -> line.substring(line.indexOf('/')))
                    .distinct()
                    .toList()) {
                Path file = Path.of(name);
                if (folder.equals(file.getParent())) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            System.getLogger(DuckDb.class.getName()).log(System.Logger.Level.DEBUG, "a library stays", e);
        }
    }
}
