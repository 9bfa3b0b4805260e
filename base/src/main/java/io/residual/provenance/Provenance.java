package io.residual.provenance;

import io.residual.base.InputException;
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
 * @param certificate hash of the model's {@link Certificate}, if it had one
 */
public record Provenance(
        String tool,
        String created,
        String model,
        String data,
        long seed,
        double decompositionError,
        Map<String, String> settings,
        @Nullable String certificate) {
    /** The setting that says what the model was called. */
    public static final String MODEL_NAME = "model name";

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
                    "Give the model that it was made with (--model), or make it again with this one");
        }
    }

    private static String called(@Nullable String name, String hash) {
        String shown = hash.substring(0, Math.min(SHOWN, hash.length()));
        return name == null ? shown : name + " (" + shown + ")";
    }

    /** A provenance without a certificate. */
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

    /** A copy with the hash of the model's certificate. */
    public Provenance certified(@Nullable Certificate of) {
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
        json.only("tool", "created", "model", "data", "seed", "decompositionError", "settings", "certificate");
        return new Provenance(
                json.text("tool"),
                json.text("created"),
                json.text("model"),
                json.text("data"),
                json.whole("seed"),
                json.number("decompositionError"),
                json.textsByName("settings"),
                json.textOrNull("certificate"));
    }

    /** Program and version, such as {@code residual 0.1.0}. */
    public static String version() {
        return "residual "
                + Objects.requireNonNullElse(Provenance.class.getPackage().getImplementationVersion(), "development");
    }
}
