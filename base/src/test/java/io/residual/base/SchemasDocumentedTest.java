package io.residual.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/formats.md has a row for each schema, with the version that is written, and none for another. */
class SchemasDocumentedTest {
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `(residual/[^`]+)` \\| (\\d+) \\| ([^|]+) \\| ([^|]+) \\|$");

    @Test
    void everySchema_hasItsRow() throws IOException {
        Map<String, Integer> code = new TreeMap<>();
        for (Schema schema : Schema.values()) {
            code.put(schema.label(), schema.version());
        }
        Map<String, Integer> documented = new TreeMap<>();
        Matcher row = ROW.matcher(Files.readString(Path.of("..", "docs", "formats.md")));
        while (row.find()) {
            assertFalse(documented.containsKey(row.group(1)), row.group(1) + " twice");
            documented.put(row.group(1), Integer.parseInt(row.group(2)));
        }
        assertEquals(code, documented);
    }
}
