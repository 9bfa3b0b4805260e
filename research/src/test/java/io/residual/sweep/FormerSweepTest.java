package io.residual.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.Json;
import io.residual.fixtures.Recorded;
import io.residual.sweep.SweepRunner.Wanted;
import io.residual.sweep.SweepStore.Row;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sweep's database that the program wrote when it had words of its own (pulls, judged, wanted) is gone on with and shown. */
class FormerSweepTest {
    private static final Sweep SWEEP = SweepFile.parse("""
            name: small
            models: [world-clip]
            data: [world:signs]
            splits: {train: 48, validation: 32, test: 32}
            bases: own
            methods:
              - base
              - residual
              - {method: linear, fit: adamw, epochs: 2, pulls: [0.1], linear-rate: 0.01}
            shots: [2]
            draws: 1
            """, "small.yaml");

    @TempDir
    Path temporary;

    private SweepStore store() throws IOException {
        Path file = temporary.resolve("results.duckdb");
        try (InputStream in =
                new GZIPInputStream(Files.newInputStream(Recorded.file("results-with-former-words.duckdb.gz")))) {
            Files.copy(in, file);
        }
        return new SweepStore(file);
    }

    private static String key(String model, Sweep.Fit fit) {
        Sweep.Data data = SWEEP.data().get(0);
        return RunKey.of(model, data.recipe(), data.reading(), data.templates(), fit, SWEEP.allImagesOnly());
    }

    @Test
    void runs_haveTheSameKeys_soThatNothingIsComputedAgain() throws IOException {
        try (SweepStore store = store()) {
            List<Row> rows = store.rows("SELECT * FROM runs");
            String model = rows.get(0).text("model_hash");
            Map<String, String> expected = new TreeMap<>();
            rows.forEach(row -> expected.put(row.text("method"), row.text("key")));
            Map<String, String> found = new TreeMap<>(SWEEP.fits().stream()
                    .collect(Collectors.toMap(fit -> fit.variant().method().id(), fit -> key(model, fit))));
            assertEquals(expected, found);
            assertTrue(rows.stream().allMatch(row -> row.has("held_out_accuracy")));
        }
    }

    @Test
    void traces_lieInTheSameFolder() {
        Sweep.Data data = SWEEP.data().get(0);
        assertEquals("1d0c619c", RunKey.ofTraces(data.recipe(), data.reading()));
    }

    @Test
    void document_hasTodaysNames() throws IOException {
        try (SweepStore store = store()) {
            String model = store.rows("SELECT * FROM runs").get(0).text("model_hash");
            List<Wanted> wanted = SWEEP.fits().stream()
                    .map(fit -> new Wanted(key(model, fit), "world-clip", "signs", fit))
                    .toList();
            JsonNode document = Json.parse(new SweepTables(SWEEP, store, wanted).json(), Json.Limits.OWN);
            assertEquals("residual/sweep", document.path("schema").asText());
            assertEquals(3, document.path("runs").size());
            for (JsonNode run : document.path("runs")) {
                assertEquals(
                        .95, run.path("calibration").path("target_accuracy").asDouble());
                assertTrue(run.path("provenance").path("decomposition_error").isNumber());
                JsonNode settings = run.path("provenance").path("settings");
                assertEquals("world-clip", settings.path("model_name").asText());
                assertFalse(settings.has("pulls") || settings.has("pull"), settings.toString());
                assertTrue(run.path("curve").asText().startsWith("epoch,penalty,"));
            }
        }
    }
}
