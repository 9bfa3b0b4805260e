package io.residual.provenance;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.base.InputException;
import io.residual.base.JsonObject;
import java.util.List;

/**
 * A record of the checks that a model's files passed on this machine ({@code residual certify}); not a signature.
 * Traces and adapters carry it.
 *
 * @param format {@link #FORMAT}
 * @param version of the format
 * @param tool program and version
 * @param created time of creation, to the second, UTC
 * @param model hash of the model's weights
 * @param files hash of all files that the model was read from, its configuration among them
 * @param family the model's family
 * @param checks what was measured
 * @param uncovered what could not be checked, and why
 * @param warnings what looks wrong about the files
 * @param ignoredTensors tensors that the model does not need
 */
public record Certificate(
        String format,
        int version,
        String tool,
        String created,
        String model,
        String files,
        String family,
        List<Entry> checks,
        List<String> uncovered,
        List<String> warnings,
        List<String> ignoredTensors) {
    public static final String FORMAT = "residual-certificate";
    public static final int VERSION = 1;

    private static final String REMEDY = "Certify the model again";

    /**
     * The result of one check.
     *
     * @param error largest error found
     * @param tolerance largest error allowed
     * @param note a description of the measure
     */
    public record Entry(String quantity, double error, double tolerance, String note) {
        /** Whether the error lies within the tolerance. */
        @JsonIgnore
        public boolean passed() {
            return error <= tolerance;
        }
    }

    public Certificate {
        checks = List.copyOf(checks);
        uncovered = List.copyOf(uncovered);
        warnings = List.copyOf(warnings);
        ignoredTensors = List.copyOf(ignoredTensors);
    }

    /** Whether every check passed. */
    @JsonIgnore
    public boolean passed() {
        return checks.stream().allMatch(Entry::passed);
    }

    /** The form in which it is stored, which is also what is hashed. */
    public String toJson() {
        return new ObjectMapper().valueToTree(this).toPrettyString() + "\n";
    }

    /** SHA-256 of the stored form. */
    public String hash() {
        return new ContentHash().add(toJson()).hex();
    }

    /** Reads the stored form. */
    public static Certificate parse(String json, Object where) {
        JsonObject root = JsonObject.parse(json, where + ", certificate", REMEDY);
        String format = root.text("format");
        long version = root.whole("version");
        if (!FORMAT.equals(format) || version != VERSION) {
            throw InputException.at(where, format + " version " + version, FORMAT + " version " + VERSION, REMEDY);
        }
        return new Certificate(
                format,
                VERSION,
                root.text("tool"),
                root.text("created"),
                root.text("model"),
                root.text("files"),
                root.text("family"),
                root.objects("checks").stream()
                        .map(entry -> new Entry(
                                entry.text("quantity"),
                                entry.number("error"),
                                entry.number("tolerance"),
                                entry.text("note")))
                        .toList(),
                root.texts("uncovered"),
                root.texts("warnings"),
                root.texts("ignoredTensors"));
    }
}
