package io.residual.provenance;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.base.InputException;
import java.util.List;

/**
 * What was verified of a model's files on this machine; see {@code residual certify}. Traces and adapters carry it.
 *
 * @param format {@link #FORMAT}
 * @param version of the format
 * @param tool program and version
 * @param created when, to the second, UTC
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

    /**
     * One check.
     *
     * @param error largest error found
     * @param tolerance largest error allowed
     * @param note what the measure is
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
        try {
            Certificate certificate = new ObjectMapper().readValue(json, Certificate.class);
            if (!FORMAT.equals(certificate.format) || certificate.version != VERSION) {
                throw InputException.at(
                        where,
                        certificate.format + " version " + certificate.version,
                        FORMAT + " version " + VERSION,
                        "Certify the model again");
            }
            return certificate;
        } catch (JsonProcessingException | NullPointerException e) {
            throw InputException.at(where, "a damaged certificate", "JSON of one", "Certify the model again", e);
        }
    }
}
