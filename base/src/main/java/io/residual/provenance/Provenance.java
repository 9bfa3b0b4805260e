package io.residual.provenance;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A record of how an artefact was produced; every trace, spectrum, adapter and result carries one. Immutable.
 *
 * @param tool program and version
 * @param created time of creation, to the second, UTC
 * @param model hash of the model's files
 * @param data hash of the images and labels, in order, or a substitute where there are none
 * @param seed of all random choices
 * @param decompositionError largest |sum of units − model output| on these images, relative to the largest |output|
 * @param settings everything else that was chosen, by name
 * @param selfCheck hash of the model's {@link SelfCheck}, if it had one
 */
public record Provenance(
        String tool,
        String created,
        String model,
        String data,
        long seed,
        double decompositionError,
        Map<String, String> settings,
        @Nullable String selfCheck) {
    /** The setting that says what the model was called. */
    public static final String MODEL_NAME = "model_name";

    /** The setting that says where the images came from. */
    public static final String SOURCE = "source";

    private static final Map<String, String> FORMER =
            Map.of("decompositionError", "decomposition_error", "certificate", "self_check");

    private static final Map<String, String> FORMER_SETTINGS = Map.of(
            "model name", MODEL_NAME,
            "pictures", SOURCE,
            "data hash", "data_hash",
            "ResiDual* others", "star_others",
            "pulls", "penalties",
            "pull", "penalty",
            "linear rate", "linear_rate",
            "edited by hand from", "edited_by_hand_from");

    private static final int SHOWN = 12;

    public Provenance {
        settings = Map.copyOf(settings);
    }

    /**
     * Refuses an artefact that was made with another model.
     *
     * @param where the file, for messages
     * @param what the artefact, such as {@code an adapter}
     * @param name name of the current model, or null if unknown
     * @param hash hash of the current model
     */
    public void requireModel(Object where, String what, @Nullable String name, String hash) {
        if (!model.equals(hash)) {
            throw InputException.at(
                    where,
                    what + " of the model " + called(settings.get(MODEL_NAME), model),
                    "one of this model, " + called(name, hash),
                    "Give the model that it was made with (--model " + settings.getOrDefault(MODEL_NAME, "NAME")
                            + ", or its folder), or make it again with this one");
        }
    }

    private static String called(@Nullable String name, String hash) {
        String shown = hash.substring(0, Math.min(SHOWN, hash.length()));
        return name == null ? shown : name + " (" + shown + ")";
    }

    /** A provenance without a self-check. */
    public Provenance(
            String tool,
            String created,
            String model,
            String data,
            long seed,
            double decompositionError,
            Map<String, String> settings) {
        this(tool, created, model, data, seed, decompositionError, settings, null);
    }

    /** A copy with the hash of the model's self-check. */
    public Provenance checked(@Nullable SelfCheck of) {
        return new Provenance(
                tool, created, model, data, seed, decompositionError, settings, of == null ? null : of.hash());
    }

    /** Provenance of something made now by this version. */
    public static Provenance now(
            String model, String data, long seed, double decompositionError, Map<String, String> settings) {
        return new Provenance(version(), now(), model, data, seed, decompositionError, settings);
    }

    /** The settings by name. */
    @Override
    public Map<String, String> settings() {
        return new TreeMap<>(settings);
    }

    /** Now, to the second; or what SOURCE_DATE_EPOCH says, so that the same work twice gives the same bytes. */
    public static String now() {
        String epoch = System.getenv("SOURCE_DATE_EPOCH");
        Instant instant = epoch != null && epoch.matches("[0-9]{1,10}")
                ? Instant.ofEpochSecond(Long.parseLong(epoch))
                : Instant.now();
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Reads the stored form. */
    public static Provenance of(JsonObject json) {
        JsonObject known = json.renamed(FORMER)
                .only("tool", "created", "model", "data", "seed", "decomposition_error", "settings", "self_check");
        return new Provenance(
                json.text("tool"),
                json.text("created"),
                json.text("model"),
                json.text("data"),
                json.whole("seed"),
                known.number("decomposition_error"),
                renamed(known.textsByName("settings")),
                known.textOrNull("self_check"));
    }

    private static Map<String, String> renamed(Map<String, String> settings) {
        Map<String, String> now = new TreeMap<>();
        settings.forEach((name, value) -> now.putIfAbsent(FORMER_SETTINGS.getOrDefault(name, name), value));
        return now;
    }

    /** The stored form, a part of a document. */
    public ObjectNode json() {
        ObjectNode node = Json.object()
                .put("tool", tool)
                .put("created", created)
                .put("model", model)
                .put("data", data)
                .put("seed", seed)
                .put("decomposition_error", decompositionError);
        node.set("settings", Json.of(settings()));
        return node.put("self_check", selfCheck);
    }

    /** Program and version, such as {@code residual 0.1.0}. */
    public static String version() {
        return "residual "
                + Objects.requireNonNullElse(Provenance.class.getPackage().getImplementationVersion(), "development");
    }
}
