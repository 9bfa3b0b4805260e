package io.residual.provenance;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.JsonObject;
import io.residual.base.Schema;
import java.util.List;
import java.util.Map;

/**
 * A record of the checks that a model's files passed on this machine ({@code residual self-check}); not a signature.
 * Traces and adapters carry it.
 *
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
public record SelfCheck(
        String tool,
        String created,
        String model,
        String files,
        String family,
        List<Entry> checks,
        List<String> uncovered,
        List<String> warnings,
        List<String> ignoredTensors) {
    private static final Map<String, String> FORMER = Map.of("ignoredTensors", "ignored_tensors");
    private static final String REMEDY = "Check the model again with residual self-check";

    /**
     * The result of one check.
     *
     * @param error largest error found
     * @param tolerance largest error allowed
     * @param note a description of the measure
     */
    public record Entry(String quantity, double error, double tolerance, String note) {
        /** Whether the error lies within the tolerance. */
        public boolean passed() {
            return error <= tolerance;
        }
    }

    public SelfCheck {
        checks = List.copyOf(checks);
        uncovered = List.copyOf(uncovered);
        warnings = List.copyOf(warnings);
        ignoredTensors = List.copyOf(ignoredTensors);
    }

    /** Whether every check passed. */
    public boolean passed() {
        return checks.stream().allMatch(Entry::passed);
    }

    /** As a document. */
    public ObjectNode json() {
        ObjectNode root = Schema.SELF_CHECK
                .document()
                .put("tool", tool)
                .put("created", created)
                .put("model", model)
                .put("files", files)
                .put("family", family);
        ArrayNode all = root.putArray("checks");
        checks.forEach(check -> all.addObject()
                .put("quantity", check.quantity())
                .put("error", check.error())
                .put("tolerance", check.tolerance())
                .put("note", check.note()));
        root.set("uncovered", Json.of(uncovered));
        root.set("warnings", Json.of(warnings));
        root.set("ignored_tensors", Json.of(ignoredTensors));
        return root;
    }

    /** The form in which it is stored, which is also what is hashed. */
    public String toJson() {
        return Json.file(json());
    }

    /** SHA-256 of the stored form. */
    public String hash() {
        return new ContentHash().add(toJson()).hex();
    }

    /** Reads the stored form. */
    public static SelfCheck parse(String json, Object where) {
        JsonObject root = JsonObject.parse(json, where + ", self-check", REMEDY)
                .requireSchema(Schema.SELF_CHECK)
                .renamed(FORMER);
        return new SelfCheck(
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
                root.texts("ignored_tensors"));
    }
}
