package io.residual.explorer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Results that commands printed as JSON, today or in an earlier version, as the pages show them: one for each data set or adapter. */
public final class ResultFiles {
    /** Today's key by the one of results without a schema. */
    private static final Map<String, String> FORMER = Map.ofEntries(
            Map.entry("accepted", "selective_accuracy"),
            Map.entry("acceptedImages", "accepted_images"),
            Map.entry("acceptedRight", "accepted_right"),
            Map.entry("certificate", "self_check"),
            Map.entry("decompositionError", "decomposition_error"),
            Map.entry("dial", "interpolation"),
            Map.entry("errorAfter", "error_after"),
            Map.entry("errorBefore", "error_before"),
            Map.entry("imageOfText1", "image_of_text_1"),
            Map.entry("imageOfText5", "image_of_text_5"),
            Map.entry("judged_accuracy", "held_out_accuracy"),
            Map.entry("pull", "penalty"),
            Map.entry("textOfImage1", "text_of_image_1"),
            Map.entry("textOfImage5", "text_of_image_5"),
            Map.entry("wanted", "target_accuracy"));

    /** Objects whose keys are names of the user's. */
    private static final List<String> NAMED = List.of("accuracy", "settings");

    private ResultFiles() {}

    /** The results that a document holds; earlier versions printed a list of them, or one. */
    public static List<JsonNode> results(JsonNode document) {
        List<JsonNode> all = new ArrayList<>();
        if (document.has(Schema.KEY)) {
            JsonNode datasets = document.path("datasets");
            if (datasets.isArray()) {
                datasets.forEach(all::add);
            } else {
                all.add(document);
            }
        } else if (document.isArray()) {
            document.forEach(each -> all.add(renamed(each)));
        } else {
            all.add(renamed(document));
        }
        return all;
    }

    private static JsonNode renamed(JsonNode node) {
        if (node.isArray()) {
            ArrayNode items = Json.array();
            node.forEach(item -> items.add(renamed(item)));
            return items;
        }
        if (!node.isObject()) {
            return node;
        }
        ObjectNode now = Json.object();
        node.properties().forEach(entry -> {
            String name = FORMER.getOrDefault(entry.getKey(), entry.getKey());
            now.set(name, NAMED.contains(name) ? entry.getValue() : renamed(entry.getValue()));
        });
        return now;
    }
}
