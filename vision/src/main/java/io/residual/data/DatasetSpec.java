package io.residual.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.JsonObject;
import java.util.Map;

/**
 * The specification of a data set: enough to make the same splits again. Immutable.
 *
 * @param source the name as given on the command line
 * @param train maximum number of images, 0 for all; likewise for the other splits
 */
public record DatasetSpec(
        String source, int train, int validation, int test, double validationShare, double testShare, long seed) {
    private static final Map<String, String> FORMER =
            Map.of("validationShare", "validation_share", "testShare", "test_share");

    public DatasetSpec {
        require(train >= 0, "train", train, "0 (all) or more");
        require(validation >= 0, "validation", validation, "0 (all) or more");
        require(test >= 0, "test", test, "0 (all) or more");
        require(validationShare >= 0 && validationShare < 1, "validation-share", validationShare, "below 1");
        require(testShare >= 0 && testShare < 1, "test-share", testShare, "below 1");
        double both = validationShare + testShare;
        require(both < 1, "validation-share and test-share", both, "less than 1 together");
    }

    private static void require(boolean holds, String name, Object found, String expected) {
        if (!holds) {
            throw InputException.at(name, String.valueOf(found), expected, "Correct it");
        }
    }

    /** Reads the stored form. */
    public static DatasetSpec of(JsonObject stored) {
        JsonObject json = stored.renamed(FORMER);
        return new DatasetSpec(
                json.text("source"),
                json.whole("train", 0, Integer.MAX_VALUE),
                json.whole("validation", 0, Integer.MAX_VALUE),
                json.whole("test", 0, Integer.MAX_VALUE),
                json.number("validation_share", 0, 1),
                json.number("test_share", 0, 1),
                json.whole("seed"));
    }

    /** The stored form, a part of a document. */
    public ObjectNode json() {
        return Json.object()
                .put("source", source)
                .put("train", train)
                .put("validation", validation)
                .put("test", test)
                .put("validation_share", validationShare)
                .put("test_share", testShare)
                .put("seed", seed);
    }
}
