package io.residual.tables;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A column of images of a Parquet file in DuckDB's SQL: a struct of {@code bytes} and {@code path}, or one of them, plain bytes,
 * or plain paths, which are what the Hugging Face datasets library takes for its feature Image.
 *
 * @param bytes an expression of bytes, NULL where there are none
 * @param path an expression of the path that stands for them then, or null
 */
record ImageColumn(String bytes, @Nullable String path) {
    private static final String NONE = "CAST(NULL AS BLOB)";

    /**
     * A column with its type.
     *
     * @param type as DuckDB describes it, such as {@code STRUCT(bytes BLOB, path VARCHAR)}
     */
    record Typed(String name, String type) {
        boolean isText() {
            return type.equals("VARCHAR");
        }
    }

    /** The columns of a file. */
    static List<Typed> of(java.nio.file.Path file) {
        return ParquetFiles.query(file, "DESCRIBE SELECT * FROM " + ParquetFiles.table(List.of(file)), rows -> {
            List<Typed> all = new ArrayList<>();
            while (rows.next()) {
                all.add(new Typed(rows.getString(1), rows.getString(2)));
            }
            return all;
        });
    }

    /** The column as a column of images; null if its type does not fit. */
    static @Nullable ImageColumn of(Typed column) {
        String name = ParquetFiles.identifier(column.name);
        String type = column.type.replace("\"", "");
        if (type.startsWith("STRUCT(") && !type.endsWith("[]")) {
            boolean bytes = type.matches("STRUCT\\((.*, )?bytes BLOB[,)].*");
            boolean path = type.matches("STRUCT\\((.*, )?path VARCHAR[,)].*");
            return bytes || path ? new ImageColumn(bytes ? name + ".bytes" : NONE, path ? name + ".path" : null) : null;
        }
        return switch (type) {
            case "BLOB" -> new ImageColumn(name, null);
            case "VARCHAR" -> new ImageColumn(NONE, name);
            default -> null;
        };
    }

    /** Whether it contains bytes. */
    boolean hasBytes() {
        return !bytes.equals(NONE);
    }
}
