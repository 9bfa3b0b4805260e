package io.residual.explorer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Results that an earlier version printed, with words of its own and without a schema, are shown under today's names. */
class ResultFilesTest {
    private static JsonNode read(String name) throws IOException {
        Path file = Path.of("src", "test", "resources", "recorded", name);
        List<JsonNode> results = ResultFiles.results(Json.parse(Files.readString(file), Json.Limits.OWN));
        assertEquals(1, results.size());
        return results.get(0);
    }

    @Test
    void methods() throws IOException {
        JsonNode result = read("evaluate-with-former-words.json");
        assertTrue(ReportSource.Kind.COMPARISON.matches(result));
        JsonNode method = result.path("methods").path(1);
        assertEquals(.95, method.path("calibration").path("target_accuracy").asDouble());
        assertTrue(method.path("test_reliability").path("selective_accuracy").isNumber());
        assertTrue(method.path("test_reliability").path("accepted_images").isInt());
        assertTrue(method.path("curve").path(1).path("penalty").isNumber());
        assertTrue(result.path("provenance").path("decomposition_error").isNumber());
    }

    @Test
    void fewLabels() throws IOException {
        JsonNode result = read("shots-with-former-words.json");
        assertTrue(ReportSource.Kind.SHOTS.matches(result));
        assertTrue(result.path("fits").path(0).path("held_out_accuracy").isNumber());
        assertTrue(
                result.path("recommendations").path(0).path("held_out_accuracy").isNumber());
    }

    @Test
    void forgetting() throws IOException {
        JsonNode result = read("forget-with-former-words.json");
        assertTrue(ReportSource.Kind.FORGETTING.matches(result));
        JsonNode line = result.path("lines").path(1);
        assertEquals(.25, line.path("interpolation").asDouble());
        assertEquals(.825, line.path("accuracy").path("signs").asDouble());
        assertEquals(.564, line.path("retrieval").path("text_of_image_5").asDouble());
    }

    @Test
    void todaysDocument_isTakenAsItIs() throws IOException {
        JsonNode document = Json.parse(
                "{\"schema\":\"residual/evaluation\",\"version\":1,\"datasets\":[{\"methods\":[]},{\"methods\":[]}]}",
                Json.Limits.OWN);
        assertEquals(2, ResultFiles.results(document).size());
    }
}
