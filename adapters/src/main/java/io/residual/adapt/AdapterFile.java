package io.residual.adapt;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.adapt.ComponentDesign.Part;
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
import io.residual.tensor.Tensors;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.weights.SafetensorsFile;
import io.residual.weights.SafetensorsWriter;
import io.residual.zeroshot.Classifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
 *   <li>{@code keys} [m, D], {@code labels} [m] and {@code strengths} [2], α and β, for Tip-Adapter;
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
    private static final String REMEDY = "Align again with this version";

    /**
     * What an adapter says of itself.
     *
     * @param method its id
     * @param others for ResiDual variants and Coarse, what becomes of units not adapted
     * @param means for spectral methods, what becomes of the means
     * @param prompts the classes in words
     * @param data what it was fitted on
     * @param validationAccuracy of the epoch that was kept
     * @param testAccuracy share right on the test split, looked at once after the choice; null while it is untested
     * @param calibration temperature and rejection threshold, fitted on validation
     * @param testHash of the test images and labels
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
            Provenance provenance) {
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
            return root;
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
                    Provenance.of(json.object("provenance")));
        }
    }

    /**
     * Writes the file.
     *
     * @throws InputException if one of its numbers is none
     */
    public void write(Path target) {
        requireFinite(target);
        SafetensorsWriter writer = new SafetensorsWriter();
        int c = classifier.classes().size();
        writer.add("classifier", classifier.weights(), (long) classifier.weights().length / c, c);
        if (adapter instanceof Adapter.LinearMap linear) {
            int d = linear.bias().length;
            writer.add("weight", linear.weight(), d, d).add("bias", linear.bias(), d);
        } else if (adapter instanceof Adapter.Probe probe) {
            writer.add("weight", probe.weight(), (long) probe.weight().length / c, c)
                    .add("bias", probe.bias(), c);
        } else if (adapter instanceof Adapter.Memory memory) {
            int m = memory.labels().length;
            writer.add("keys", memory.keys(), m, (long) memory.keys().length / m)
                    .add("labels", Arrays.stream(memory.labels()).asLongStream().toArray(), m)
                    .add("strengths", new float[] {memory.alpha(), memory.beta()}, 2);
        } else if (adapter instanceof Adapter.Spectral spectral) {
            writer.add("lambda", spectral.lambdas(), spectral.lambdas().length);
            if (spectral.design() instanceof ComponentDesign components) {
                parts(writer, components.parts(), components.unitIndices());
            } else if (spectral.design() instanceof OutputDesign output) {
                parts(writer, List.of(output.part()), new long[] {-1});
            }
        }
        writer.metadata(KEY, Json.line(info.json()));
        if (selfCheck != null) {
            writer.metadata(SELF_CHECK, selfCheck.toJson());
        }
        writer.write(target);
    }

    /** What {@link #read} would refuse is not written. */
    private void requireFinite(Path target) {
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
        List<float[]> learned = new ArrayList<>();
        if (adapter instanceof Adapter.LinearMap linear) {
            learned.addAll(List.of(linear.weight(), linear.bias()));
        } else if (adapter instanceof Adapter.Probe probe) {
            learned.addAll(List.of(probe.weight(), probe.bias()));
        } else if (adapter instanceof Adapter.Memory memory) {
            learned.addAll(List.of(memory.keys(), new float[] {memory.alpha(), memory.beta()}));
        } else if (adapter instanceof Adapter.Spectral spectral) {
            learned.add(spectral.lambdas());
        }
        learned.forEach(values -> Finite.require(values, target + ", what was learned", again));
    }

    private static void parts(SafetensorsWriter writer, List<Part> parts, long[] units) {
        int d = parts.get(0).mean().length;
        long[] kept = parts.stream().mapToLong(Part::kept).toArray();
        float[] means = new float[parts.size() * d];
        float[] components = new float[(int) Arrays.stream(kept).sum() * d];
        int at = 0;
        for (int i = 0; i < parts.size(); i++) {
            System.arraycopy(parts.get(i).mean(), 0, means, i * d, d);
            float[] rows = parts.get(i).components();
            System.arraycopy(rows, 0, components, at, rows.length);
            at += rows.length;
        }
        writer.add("units", units, units.length)
                .add("kept", kept, kept.length)
                .add("means", means, parts.size(), d)
                .add("components", components, components.length / d, d);
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

    private static AdapterFile read(Path path, UnitFrame frame, @Nullable String modelName, String modelHash) {
        try (SafetensorsFile file = SafetensorsFile.open(path);
                NativeScope scope = NativeScope.inference()) {
            String json = file.metadata().get(KEY);
            if (json == null) {
                throw InputException.at(
                        path, "no '" + KEY + "' metadata", "an adapter", "Give a file that residual align wrote");
            }
            Info info = Info.of(JsonObject.parse(json, path, REMEDY));
            info.provenance().requireModel(path, "an adapter", modelName, modelHash);
            Orientation.require(path, info.provenance().settings());
            long d = frame.shape().sharedWidth();
            int c = info.prompts().classes().size();
            Classifier classifier = new Classifier(info.prompts().classes(), finite(file, "classifier", d, c));
            String selfCheck =
                    file.metadata().getOrDefault(SELF_CHECK, file.metadata().get(FORMER_SELF_CHECK));
            return new AdapterFile(
                    adapter(file, info, frame),
                    classifier,
                    info,
                    selfCheck == null ? null : SelfCheck.parse(selfCheck, path));
        }
    }

    private static Adapter adapter(SafetensorsFile file, Info info, UnitFrame frame) {
        long d = frame.shape().sharedWidth();
        int classes = info.prompts().classes().size();
        Method method = Method.named(info.method());
        return switch (method) {
            case BASE -> new Adapter.Identity();
            case FULL ->
                throw InputException.at(
                        file.path(), "full fine-tuning", "a method that has an adapter", "Open its folder as a model");
            case PROBE -> new Adapter.Probe(finite(file, "weight", d, classes), finite(file, "bias", classes));
            case TIP, TIP_TUNED -> memory(file, method, d, classes);
            case LINEAR -> new Adapter.LinearMap(finite(file, "weight", d, d), finite(file, "bias", d));
            case COARSE -> spectral(file, new HeadScaleDesign(frame, others(file, info)));
            case OUTPUT_SPECTRAL ->
                spectral(file, new OutputDesign(parts(file, frame).get(0), one(file, Means.class, info.means())));
            case RESIDUAL, RESIDUAL_STAR ->
                spectral(
                        file,
                        new ComponentDesign(
                                method,
                                frame,
                                parts(file, frame),
                                one(file, Others.class, info.others()),
                                one(file, Means.class, info.means())));
        };
    }

    private static Adapter memory(SafetensorsFile file, Method method, long d, int classes) {
        int[] labels = ints(file, "labels", classes);
        if (labels.length == 0) {
            throw InputException.at(file.path() + ", tensor 'labels'", "none", "one for each remembered image", REMEDY);
        }
        float[] strengths = finite(file, "strengths", 2);
        return new Adapter.Memory(method, finite(file, "keys", labels.length, d), labels, strengths[0], strengths[1]);
    }

    /** What a Coarse adapter does with the other units; those that were written before they could be kept do not say. */
    private static Others others(SafetensorsFile file, Info info) {
        return info.others() == null ? Others.DROPPED : one(file, Others.class, info.others());
    }

    private static <E extends Enum<E>> E one(SafetensorsFile file, Class<E> of, @Nullable String value) {
        return Arrays.stream(of.getEnumConstants())
                .filter(constant -> constant.name().equals(value))
                .findFirst()
                .orElseThrow(() -> InputException.at(
                        file.path() + ", '" + of.getSimpleName().toLowerCase(Locale.ROOT) + "'",
                        String.valueOf(value),
                        "one of " + Arrays.toString(of.getEnumConstants()),
                        REMEDY));
    }

    /** Whole numbers from 0 up to a bound. */
    private static int[] ints(SafetensorsFile file, String name, long below, long... shape) {
        long[] values = Tensors.longs(shape.length == 0 ? file.read(name) : file.read(name, REMEDY, shape));
        int[] narrow = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            if (values[i] < 0 || values[i] >= below) {
                throw InputException.at(
                        file.path() + ", tensor '" + name + "'", "" + values[i], "0 to " + (below - 1), REMEDY);
            }
            narrow[i] = (int) values[i];
        }
        return narrow;
    }

    private static Adapter spectral(SafetensorsFile file, Design design) {
        return new Adapter.Spectral(design, finite(file, "lambda", design.parameters()));
    }

    private static List<Part> parts(SafetensorsFile file, UnitFrame frame) {
        int d = frame.shape().sharedWidth();
        long[] units = Tensors.longs(file.read("units"));
        int[] kept = ints(file, "kept", d + 1L, units.length);
        if (units.length == 0) {
            throw InputException.at(file.path() + ", tensor 'units'", "none", "at least one", REMEDY);
        }
        long total = 0;
        for (int i = 0; i < units.length; i++) {
            boolean output = units.length == 1 && units[i] == -1;
            boolean known = output || (units[i] >= 0 && units[i] < frame.shape().units());
            if (!known) {
                throw InputException.at(
                        file.path() + ", tensor 'units'",
                        String.valueOf(units[i]),
                        "0 to " + (frame.shape().units() - 1),
                        REMEDY);
            }
            total += kept[i];
        }
        float[] means = finite(file, "means", units.length, d);
        float[] components = finite(file, "components", total, d);
        List<Part> parts = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < units.length; i++) {
            UnitId unit = frame.shape().unit((int) Math.max(units[i], 0));
            parts.add(new Part(
                    unit,
                    kept[i],
                    Arrays.copyOfRange(means, i * d, (i + 1) * d),
                    Arrays.copyOfRange(components, at * d, (at + kept[i]) * d)));
            at += kept[i];
        }
        return parts;
    }

    /** A tensor's numbers; NaN and infinities would turn every prediction into nothing. */
    private static float[] finite(SafetensorsFile file, String name, long... shape) {
        return Finite.require(
                Tensors.floats(file.read(name, REMEDY, shape)), file.path() + ", tensor '" + name + "'", REMEDY);
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
        String others = null;
        String means = null;
        if (adapter instanceof Adapter.Spectral spectral) {
            if (spectral.design() instanceof ComponentDesign components) {
                others = components.others().name();
                means = components.means().name();
            } else if (spectral.design() instanceof OutputDesign output) {
                means = output.means().name();
            } else if (spectral.design() instanceof HeadScaleDesign heads) {
                others = heads.others().name();
            }
        }
        return new Info(
                adapter.method().id(),
                others,
                means,
                prompts,
                data,
                validationAccuracy,
                testAccuracy,
                calibration,
                testHash,
                provenance);
    }
}
