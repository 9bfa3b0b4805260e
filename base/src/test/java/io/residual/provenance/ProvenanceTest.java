package io.residual.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProvenanceTest {
    @Test
    void now_isWholeSecondsOfUniversalTime() {
        Instant before = Instant.now();
        Provenance made = Provenance.now("m", "d", 7, 1e-6, Map.of());
        assertTrue(made.created().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"), made.created());
        Instant created = Instant.parse(made.created());
        assertFalse(created.isBefore(before.truncatedTo(ChronoUnit.SECONDS)), made.created());
        assertFalse(created.isAfter(Instant.now()), made.created());
        assertEquals(Provenance.version(), made.tool());
    }

    @Test
    void settings_areSortedAndACopy() {
        Map<String, String> given = new HashMap<>(Map.of("rank", "4", "batch", "8", "method", "output"));
        Provenance made = new Provenance("tool", "then", "m", "d", 7, 0, given);
        given.put("later", "x");
        assertEquals(
                List.of("batch", "method", "rank"), List.copyOf(made.settings().keySet()));
        made.settings().put("later", "x");
        assertFalse(made.settings().containsKey("later"));
    }

    @Test
    void version_namesTheProgram() {
        assertTrue(Provenance.version().matches("residual \\S+"), Provenance.version());
    }
}
