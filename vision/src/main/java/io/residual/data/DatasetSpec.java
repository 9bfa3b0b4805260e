package io.residual.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.FileNames;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The specification of a data set: enough to make the same splits again. Immutable.
 *
 * @param source the name as given on the command line
 * @param train maximum number of images, 0 for all; likewise for the other splits
 * @param corrected the corrections that belong to it, or null
 */
public record DatasetSpec(
        String source,
        int train,
        int validation,
        int test,
        double validationShare,
        double testShare,
        long seed,
        @Nullable Corrected corrected) {
    private static final Map<String, String> FORMER =
            Map.of("validationShare", "validation_share", "testShare", "test_share");

    /**
     * The file of corrections of a data set.
     *
     * @param file its path
     * @param hash of its content
     */
    public record Corrected(String file, String hash) {}

    /** Of a data set as it is stored. */
    public DatasetSpec(
            String source, int train, int validation, int test, double validationShare, double testShare, long seed) {
        this(source, train, validation, test, validationShare, testShare, seed, null);
    }

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
                json.whole("seed"),
                json.has("labels") ? new Corrected(json.text("labels"), json.text("labels_hash")) : null);
    }

    /** A copy with other numbers of images at most. */
    public DatasetSpec atMost(int trained, int validated, int tested) {
        return new DatasetSpec(source, trained, validated, tested, validationShare, testShare, seed, corrected);
    }

    /** A copy with other splits where the data set has none. */
    public DatasetSpec split(double ofValidation, double ofTest, long by) {
        return new DatasetSpec(source, train, validation, test, ofValidation, ofTest, by, corrected);
    }

    /** A copy with a file of corrections. */
    public DatasetSpec with(LabelFixes fixes) {
        return new DatasetSpec(
                source,
                train,
                validation,
                test,
                validationShare,
                testShare,
                seed,
                new Corrected(fixes.file().toString(), fixes.hash()));
    }

    /**
     * Applies the corrections that belong to the data set, if there are any.
     *
     * @throws InputException if their file has changed, or does not fit the data set
     */
    public Dataset correct(Dataset dataset) {
        if (corrected == null) {
            return dataset;
        }
        LabelFixes fixes = LabelFixes.read(FileNames.path("the corrections", corrected.file));
        if (!fixes.hash().equals(corrected.hash)) {
            throw InputException.at(
                    corrected.file,
                    "corrections with the hash " + fixes.hash(),
                    corrected.hash + ", as when they were first read",
                    "Restore the file, or fit again with --labels");
        }
        return fixes.applied(dataset);
    }

    /** Keys of stored results rest on it: without corrections it reads as it always did. */
    @Override
    public String toString() {
        return "DatasetSpec[source=" + source + ", train=" + train + ", validation=" + validation + ", test=" + test
                + ", validationShare=" + validationShare + ", testShare=" + testShare + ", seed=" + seed
                + (corrected == null ? "" : ", labels=" + corrected.hash) + "]";
    }

    /** The stored form, a part of a document. */
    public ObjectNode json() {
        ObjectNode json = Json.object()
                .put("source", source)
                .put("train", train)
                .put("validation", validation)
                .put("test", test)
                .put("validation_share", validationShare)
                .put("test_share", testShare)
                .put("seed", seed);
        return corrected == null ? json : json.put("labels", corrected.file).put("labels_hash", corrected.hash);
    }
}
