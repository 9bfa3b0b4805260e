package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.catalogue.PublicModel;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublicModelTableTest {
    private static List<String> lines(ObjectNode root, boolean wide) {
        StringWriter text = new StringWriter();
        new PublicModelTable(root, new PrintWriter(text, true), wide).all();
        return text.toString().lines().toList();
    }

    @Test
    void shortTable_fits80ColumnsAndNamesTheWideOne() {
        List<String> lines = lines(Json.object(), false);
        for (String line : lines) {
            assertTrue(line.length() <= 80, line.length() + ": " + line);
        }
        for (PublicModel m : PublicModel.all()) {
            assertTrue(lines.stream().anyMatch(l -> l.startsWith(m.name() + " ")), m.name());
        }
        assertTrue(lines.stream().anyMatch(l -> l.endsWith("--wide")), lines.toString());
    }

    @Test
    void wideTable_saysWhatIsNotKnown() {
        ObjectNode root = Json.object();
        List<String> lines = lines(root, true);
        String known = line(lines, "google/siglip2-base-patch16-224");
        assertTrue(known.contains("WebLI") && known.contains("Apache-2.0"), known);
        String unknown = line(lines, "google/siglip2-base-patch16-256");
        assertTrue(unknown.contains("unknown"), unknown);
        PublicModel.sources()
                .values()
                .forEach(s -> assertTrue(lines.stream().anyMatch(l -> l.contains(s.address())), s.address()));
        assertEquals(PublicModel.all().size(), root.path("public").size());
        assertFalse(root.path("sources").isEmpty());
    }

    private static String line(List<String> lines, String name) {
        return lines.stream().filter(l -> l.startsWith(name + " ")).findFirst().orElseThrow();
    }
}
