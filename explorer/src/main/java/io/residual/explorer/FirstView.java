package io.residual.explorer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import java.util.List;

/**
 * What the first page of a report shows, and nothing else: it stands in the file before the page's script, so that a report of hundreds of
 * heads shows its conclusion before the rest of the file has been read.
 */
final class FirstView {
    private static final List<String> WHOLE =
            List.of("schema", "version", "tool", "model", "data", "conclusion", "accuracy", "shots", "provenance");

    private static final List<String> OF_IMAGES =
            List.of("image", "label", "chosen", "chosen_before", "probability", "unsure");

    private static final List<String> OF_ADAPTERS = List.of("file", "method", "label", "parameters", "info");

    private FirstView() {}

    /** From everything that the pages show; {@code loading} says that there is more. */
    static ObjectNode of(JsonNode data) {
        ObjectNode first = some(data, WHOLE).put("loading", true);
        ArrayNode images = first.putArray("images");
        JsonNode thumbnails = data.path("thumbnails");
        data.path("images").forEach(image -> {
            ObjectNode small = some(image, OF_IMAGES);
            JsonNode shown = thumbnails.path(image.path("image").asText());
            small.set("seen", shown.isTextual() ? shown : image.path("seen"));
            images.add(small);
        });
        first.putObject("thumbnails");
        ArrayNode adapters = first.putArray("adapters");
        data.path("adapters").forEach(adapter -> adapters.add(some(adapter, OF_ADAPTERS)));
        ArrayNode results = first.putArray("results");
        data.path("results").forEach(result -> {
            ObjectNode copy = result.deepCopy();
            copy.path("methods").forEach(method -> ((ObjectNode) method).remove("curve"));
            results.add(copy);
        });
        first.putArray("units");
        first.putArray("forgetting");
        return first;
    }

    private static ObjectNode some(JsonNode of, List<String> keys) {
        ObjectNode some = Json.object();
        keys.stream().filter(of::has).forEach(key -> some.set(key, of.path(key)));
        return some;
    }
}
