package io.residual.predict;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import java.util.List;

/** A prediction in a document: the keys of {@code residual/prediction} that commands and the server share. */
public final class PredictionJson {
    private PredictionJson() {}

    /**
     * Adds a prediction to a document.
     *
     * @param classes the names of all C classes
     * @param top how many classes to name under {@code top}; 0 to leave it out
     */
    public static void write(Prediction prediction, ObjectNode node, List<String> classes, int top) {
        List<Double> matches = prediction.matches();
        node.put("class", prediction.label())
                .put("probability", prediction.probability())
                .put("accepted", prediction.accepted());
        if (!matches.isEmpty()) {
            node.put("match_probability", matches.get(prediction.chosen()));
            node.set(
                    "matching",
                    Json.of(prediction.matching().stream().map(classes::get).toList()));
        }
        if (top > 0) {
            ArrayNode best = node.putArray("top");
            prediction.ranking().stream().limit(top).forEach(c -> {
                ObjectNode one = best.addObject()
                        .put("class", classes.get(c))
                        .put("probability", prediction.probabilities().get(c));
                if (!matches.isEmpty()) {
                    one.put("match_probability", matches.get(c));
                }
            });
        }
    }
}
