package io.residual.data;

import io.residual.base.InputException;
import io.residual.base.JsonObject;

/**
 * The specification of a data set: enough to make the same splits again. Immutable.
 *
 * @param source the name as given on the command line
 * @param train maximum number of images, 0 for all; likewise for the other splits
 */
public record DatasetSpec(
        String source, int train, int validation, int test, double validationShare, double testShare, long seed) {
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
    public static DatasetSpec of(JsonObject json) {
        return new DatasetSpec(
                json.text("source"),
                json.whole("train", 0, Integer.MAX_VALUE),
                json.whole("validation", 0, Integer.MAX_VALUE),
                json.whole("test", 0, Integer.MAX_VALUE),
                json.number("validationShare", 0, 1),
                json.number("testShare", 0, 1),
                json.whole("seed"));
    }
}
