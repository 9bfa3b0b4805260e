package io.residual.tables;

import io.residual.base.InputException;
import io.residual.base.RegularFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Blob;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Struct;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Questions to Parquet files, answered by DuckDB. */
final class ParquetFiles {
    /** Labels and names of so many fit into a usual heap. */
    private static final long MOST_ROWS = 20_000_000;

    private ParquetFiles() {}

    @FunctionalInterface
    interface Reader<T> {
        T read(ResultSet rows) throws SQLException;
    }

    static <T> T query(Path file, String sql, Reader<T> reader) {
        try (Connection connection = DuckDb.inMemory();
                Statement statement = connection.createStatement()) {
            statement.execute("SET threads TO 1");
            statement.execute("SET memory_limit = '1GB'");
            statement.execute("SET preserve_insertion_order TO true");
            try (ResultSet rows = statement.executeQuery(sql)) {
                return reader.read(rows);
            }
        } catch (SQLException e) {
            throw InputException.at(
                    file,
                    "something that cannot be read as Parquet ("
                            + String.valueOf(e.getMessage()).lines().limit(2).collect(Collectors.joining(" ")) + ")",
                    "a Parquet file of the hub",
                    "Fetch the file again",
                    e);
        }
    }

    /** The total number of rows of some files. */
    static int count(List<Path> files) {
        long count = query(files.get(0), "SELECT COUNT(*) FROM " + table(files), rows -> {
            rows.next();
            return rows.getLong(1);
        });
        if (count > MOST_ROWS) {
            throw InputException.at(
                    files.get(0), count + " rows", "at most " + MOST_ROWS, "Give fewer files, or use residual-spark");
        }
        return (int) count;
    }

    static byte[] bytes(@Nullable Object value) throws SQLException {
        if (value instanceof Blob blob) {
            return blob.getBytes(1, Math.toIntExact(blob.length()));
        }
        if (value instanceof byte[] raw) {
            return raw;
        }
        if (value instanceof Struct struct) {
            return bytes(struct.getAttributes()[0]);
        }
        return String.valueOf(value).getBytes(StandardCharsets.UTF_8);
    }

    static String table(List<Path> files) {
        return "read_parquet([" + files.stream().map(ParquetFiles::quoted).collect(Collectors.joining(", ")) + "])";
    }

    /** A file's name for DuckDB, which would wait for ever for a pipe. */
    static String quoted(Path file) {
        return literal(plain(RegularFiles.require(file, "a Parquet file").toString()));
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** A path that DuckDB shall not read as a pattern. */
    static String plain(String path) {
        return path.replaceAll("[*?\\[]", "[$0]");
    }

    static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }
}
