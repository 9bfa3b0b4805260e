package io.residual.robustness.fuzz;

import io.residual.data.Splitting;
import io.residual.tables.DuckDb;
import io.residual.tables.HubParquet;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** What the hub writes into a Parquet file's metadata about its columns. */
public final class ParquetFuzz {
    private ParquetFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) throws SQLException {
        String json = new String(data, StandardCharsets.UTF_8).replace("\0", "").replace("'", "''");
        Path file = Scratch.write("hub/train-00000-of-00001.parquet", new byte[0]);
        try (Connection connection = DuckDb.inMemory();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "COPY (SELECT struct_pack(bytes := 'x'::BLOB, path := NULL) AS image, 1::BIGINT AS label) TO '"
                            + file + "' (FORMAT parquet, KV_METADATA {huggingface: '" + json + "'})");
        }
        Scratch.read(() -> HubParquet.open(file.resolveSibling(""), Splitting.DEFAULT));
    }
}
