package io.residual.adapt;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.JsonObject;
import io.residual.base.Schema;
import io.residual.data.DatasetSpec;
import io.residual.data.Prompts;
import io.residual.images.Orientation;
import io.residual.model.ImageTextModel;
import io.residual.provenance.Provenance;
import io.residual.provenance.SelfCheck;
import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.units.UnitFrame;
import io.residual.weights.SafetensorsFile;
import io.residual.weights.SafetensorsWriter;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.Classifier;
import io.residual.zeroshot.PairedDifference;
import io.residual.zeroshot.Temperature;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A fitted adapter in one safetensors file, with all that is needed to use it beside its model:
 *
 * <ul>
 *   <li>{@code classifier} [D, C]: class embeddings times the logit scale;
 *   <li>{@code lambda} [P], for spectral methods;
 *   <li>{@code units} [U], indices in the order embedding, heads, MLPs; {@code kept} [U]; {@code means} [U, D];
 *       {@code components} [Σ kept, D]; for ResiDual, ResiDual* and, with one part, ResiDual^y;
 *   <li>{@code weight} [D, D] and {@code bias} [D], for the Linear Aligner; [D, C] and [C], for a linear probe;
 *   <li>{@code weight} [D, C] and {@code bias} [C] beside the prompts, for a {@link TextHead};
 *   <li>all of ResiDual* and of a {@link TextHead}, for a {@link SpectralHead};
 *   <li>{@code keys} [m, D], {@code labels} [m] and {@code strengths} [2], α and β, for Tip-Adapter;
 *   <li>{@code keys} [m, D], {@code votes} [m, C] and {@code strengths} [1], β, for kernel ridge;
 *   <li>{@code heads} [U, 2], layer and head, {@code factors} [U] and, for heads at their mean, {@code added} [U, t·h], for
 *       {@link HeadsOff};
 *   <li>metadata {@code residual-adapter}: JSON of {@link Info}; {@code residual-self-check}: the model's self-check.
 * </ul>
 *
 * @param classifier frozen class embeddings
 * @param selfCheck the model's, if it had one
 */
public record AdapterFile(
        Adapter adapter,
        Classifier classifier,
        Info info,
        @Nullable SelfCheck selfCheck) {
    private static final String SELF_CHECK = "residual-self-check";
    private static final String FORMER_SELF_CHECK = "residual-certificate";
    private static final String KEY = "residual-adapter";
    /** Earlier versions let a temperature fall to its lower end where all validation images were right. */
    private static final String TOO_SURE =
            "its temperature is at the lower end of .005, as earlier versions left it where all"
                    + " validation images were right: every answer says about 100 %; fit it again";

    static final String REMEDY = "Align again with this version";

    /**
     * What an adapter says of itself.
     *
     * @param method its id
     * @param others for ResiDual variants and Coarse, what becomes of units not adapted
     * @param means for spectral methods, what becomes of the means
     * @param prompts the classes in words
     * @param data what it was fitted on
     * @param validationAccuracy of the epoch that was kept
     * @param testAccuracy share right on the test split, evaluated once after every choice; null while it is untested
     * @param calibration temperature and rejection threshold, fitted on validation
     * @param testHash of the test images and labels
     * @param warnings what whoever uses it should know, one sentence each
     * @param tested counts of the test; null while it is untested, and of files of earlier versions
     */
    public record Info(
            String method,
            @Nullable String others,
            @Nullable String means,
            Prompts prompts,
            DatasetSpec data,
            double validationAccuracy,
            @Nullable Double testAccuracy,
            Calibration calibration,
            @Nullable String testHash,
            Provenance provenance,
            List<String> warnings,
            @Nullable Tested tested) {
        public Info {
            warnings = List.copyOf(warnings);
        }

        private static final Map<String, String> FORMER = Map.of(
                "validationAccuracy", "validation_accuracy",
                "testAccuracy", "test_accuracy",
                "testHash", "test_hash");

        /** As a document. */
        public ObjectNode json() {
            ObjectNode root = Schema.ADAPTER
                    .document()
                    .put("method", method)
                    .put("others", others)
                    .put("means", means);
            root.set("prompts", prompts.json());
            root.set("data", data.json());
            root.put("validation_accuracy", validationAccuracy).put("test_accuracy", testAccuracy);
            root.set("calibration", calibration.json());
            root.put("test_hash", testHash);
            root.set("provenance", provenance.json());
            if (!warnings.isEmpty()) {
                root.set("warnings", Json.of(warnings));
            }
            if (tested != null) {
                root.set("test", tested.json());
            }
            return root;
        }

        /** What whoever uses the adapter should know, one sentence each: its warnings, and one on a temperature that says nothing. */
        public List<String> notes() {
            return Temperature.isLowest(calibration.temperature())
                    ? Stream.concat(warnings.stream(), Stream.of(TOO_SURE)).toList()
                    : warnings;
        }

        /** A copy with these warnings and counts. */
        Info with(List<String> these, @Nullable Tested counts) {
            return new Info(
                    method,
                    others,
                    means,
                    prompts,
                    data,
                    validationAccuracy,
                    testAccuracy,
                    calibration,
                    testHash,
                    provenance,
                    these,
                    counts);
        }

        static Info of(JsonObject document) {
            JsonObject json = document.requireSchema(Schema.ADAPTER).renamed(FORMER);
            JsonObject prompts = json.object("prompts").only("classes", "templates");
            return new Info(
                    json.text("method"),
                    json.textOrNull("others"),
                    json.textOrNull("means"),
                    new Prompts(prompts.texts("classes"), prompts.texts("templates")),
                    DatasetSpec.of(json.object("data")),
                    json.number("validation_accuracy", 0, 1),
                    json.has("test_accuracy") ? json.number("test_accuracy", 0, 1) : null,
                    Calibration.of(json.object("calibration")),
                    json.textOrNull("test_hash"),
                    Provenance.of(json.object("provenance")),
                    json.has("warnings") ? json.texts("warnings") : List.of(),
                    json.has("test") ? Tested.of(json.object("test")) : null);
        }
    }

    /**
     * What a test counted.
     *
     * @param accuracy images right, of all test images
     * @param overBase images that the unadapted model is wrong on and the adapter right on, and the reverse; null where the unadapted
     *     model was not tested beside it
     */
    public record Tested(Accuracy accuracy, @Nullable PairedDifference overBase) {
        /** The unadapted model's accuracy on the same images; null where it was not tested. */
        public @Nullable Accuracy base() {
            return overBase == null
                    ? null
                    : new Accuracy(accuracy.right() - overBase.gained() + overBase.lost(), accuracy.of());
        }

        ObjectNode json() {
            ObjectNode node = Json.object().put("images", accuracy.of()).put("right", accuracy.right());
            if (overBase != null) {
                node.put("corrected", overBase.gained()).put("broken", overBase.lost());
            }
            return node;
        }

        static Tested of(JsonObject json) {
            int images = json.whole("images", 1, Integer.MAX_VALUE);
            int right = json.whole("right", 0, images);
            if (!json.has("corrected")) {
                return new Tested(new Accuracy(right, images), null);
            }
            int corrected = json.whole("corrected", 0, right);
            int broken = json.whole("broken", 0, images - right);
            return new Tested(new Accuracy(right, images), new PairedDifference(corrected, broken, images));
        }
    }

    /**
     * Writes the file.
     *
     * @throws InputException if one of its numbers is none
     */
    public void write(Path target) {
        StoredAdapter stored = stored(adapter);
        requireFinite(target, stored);
        SafetensorsWriter writer = new SafetensorsWriter();
        int c = classifier.classes().size();
        writer.add("classifier", classifier.weights(), (long) classifier.weights().length / c, c);
        stored.write(writer);
        writer.metadata(KEY, Json.line(info.json()));
        if (selfCheck != null) {
            writer.metadata(SELF_CHECK, selfCheck.toJson());
        }
        writer.write(target);
    }

    /** What {@link #read} would refuse is not written. */
    private void requireFinite(Path target, StoredAdapter stored) {
        String again = "Fit again, with a stronger penalty or a smaller rate";
        Calibration c = info.calibration();
        Finite.require(
                new double[] {
                    c.temperature(),
                    c.threshold(),
                    c.targetAccuracy(),
                    c.accuracy(),
                    c.coverage(),
                    info.validationAccuracy()
                },
                target + ", the calibration",
                again);
        Finite.require(classifier.weights(), target + ", the class embeddings", again);
        stored.requireFinite(target + ", what was learned", again);
    }

    private static StoredAdapter stored(Adapter adapter) {
        StoredAdapter stored = new StoredAdapter();
        adapter.store(stored);
        return stored;
    }

    /**
     * Reads a file for use with a model.
     *
     * @param frame the model's
     * @param modelHash the model's; an adapter of another model is refused
     */
    public static AdapterFile read(Path path, UnitFrame frame, String modelHash) {
        return read(path, frame, null, modelHash);
    }

    /** Reads a file for use with a model, whose frame this is; an adapter of another model is refused. */
    public static AdapterFile read(Path path, UnitFrame frame, ImageTextModel model) {
        return read(path, frame, model.name(), model.hash());
    }

    /** Reads what a file says of itself, and nothing of its tensors: enough to refuse it before a model is opened. */
    public static Info info(Path path) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            return info(path, file);
        }
    }

    private static Info info(Path path, SafetensorsFile file) {
        String json = file.metadata().get(KEY);
        if (json == null) {
            throw InputException.at(
                    path, "no '" + KEY + "' metadata", "an adapter", "Give a file that residual align wrote");
        }
        return Info.of(JsonObject.parse(json, path, REMEDY));
    }

    private static AdapterFile read(Path path, UnitFrame frame, @Nullable String modelName, String modelHash) {
        try (SafetensorsFile file = SafetensorsFile.open(path);
                NativeScope scope = NativeScope.inference()) {
            Info info = info(path, file);
            info.provenance().requireModel(path, "an adapter", modelName, modelHash);
            Orientation.require(path, info.provenance().settings());
            AdapterSource source = new AdapterSource(file, info, frame);
            Classifier classifier = new Classifier(
                    info.prompts().classes(), source.floats("classifier", source.width(), source.classes()));
            String selfCheck =
                    file.metadata().getOrDefault(SELF_CHECK, file.metadata().get(FORMER_SELF_CHECK));
            return new AdapterFile(
                    source.adapter(), classifier, info, selfCheck == null ? null : SelfCheck.parse(selfCheck, path));
        }
    }

    /**
     * An adapter that was never tested.
     *
     * @param validationAccuracy share right of the validation images
     * @param selfCheck the model's, if it has one
     */
    public static AdapterFile untested(
            Adapter adapter,
            Classifier classifier,
            Prompts prompts,
            DatasetSpec data,
            double validationAccuracy,
            Calibration calibration,
            Provenance provenance,
            @Nullable SelfCheck selfCheck) {
        return new AdapterFile(
                adapter,
                classifier,
                info(adapter, prompts, data, validationAccuracy, null, calibration, null, provenance),
                selfCheck);
    }

    /** The info of an adapter of this version. */
    public static Info info(
            Adapter adapter,
            Prompts prompts,
            DatasetSpec data,
            double validationAccuracy,
            @Nullable Double testAccuracy,
            Calibration calibration,
            @Nullable String testHash,
            Provenance provenance) {
        StoredAdapter stored = stored(adapter);
        return new Info(
                adapter.method().id(),
                stored.others(),
                stored.means(),
                prompts,
                data,
                validationAccuracy,
                testAccuracy,
                calibration,
                testHash,
                provenance,
                List.of(),
                null);
    }

    /**
     * Refuses an adapter that changes the forward pass, where images are traced once for several adapters.
     *
     * @param where the file, for messages
     */
    public AdapterFile requireTraced(Object where) {
        if (adapter.method().changesPass()) {
            throw InputException.at(
                    where,
                    adapter.method().label() + ", which changes the forward pass",
                    "an adapter of traces of the unchanged model",
                    "Use predict, evaluate --adapter, explain, serve, embed or export (ONNX), which run the changed pass");
        }
        return this;
    }

    /** A copy that says these things to whoever uses it, one sentence each. */
    public AdapterFile warned(List<String> warnings) {
        return new AdapterFile(adapter, classifier, info.with(warnings, info.tested()), selfCheck);
    }

    /** A copy with the counts of its test. */
    public AdapterFile tested(Tested tested) {
        return new AdapterFile(adapter, classifier, info.with(info.warnings(), tested), selfCheck);
    }
}
