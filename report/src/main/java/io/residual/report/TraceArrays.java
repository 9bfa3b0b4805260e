package io.residual.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.adapt.ComponentDesign;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.data.Split;
import io.residual.heads.HeadScores;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.TraceStatistics;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.TraceFolder;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.weights.SafetensorsWriter;
import io.residual.zeroshot.Classifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a trace gives as plain arrays in one safetensors file, with axes that {@code docs/formats.md} describes: units [n, U, D],
 * outputs [n, D], labels [n], means [U, D], spectra; with an adapter also its weights and the logits before and after it; and,
 * except for a test split, scores of heads. Needs the whole file's size in the heap.
 */
public final class TraceArrays {
    private static final String KEY = "residual-arrays";

    /** The bytes of one array, at most: an array's buffer holds no more. */
    private static final long LARGEST = Integer.MAX_VALUE - 8L;

    private final TraceFolder.Manifest manifest;
    private final UnitFrame frame;
    private final UnitShape shape;
    private final SafetensorsWriter writer = new SafetensorsWriter();
    private final List<String> names = new ArrayList<>();

    private TraceArrays(Path folder) {
        this.manifest = TraceFolder.manifest(folder);
        this.frame = TraceFolder.frame(folder);
        this.shape = manifest.shape();
    }

    /**
     * Writes the file.
     *
     * @param folder a trace
     * @param adapterFile of the trace's model; null for none
     * @param withUnits whether the units of every image are written, by far the largest array
     * @param notes takes what is left out, a sentence each
     * @throws InputException if the units do not fit into one array, or the adapter is another model's or has
     *     other classes
     */
    public static void write(
            Path folder,
            @Nullable Path adapterFile,
            boolean withUnits,
            Path target,
            Progress progress,
            Consumer<String> notes) {
        TraceArrays arrays = new TraceArrays(folder);
        AdapterFile adapter = adapterFile == null ? null : arrays.adapter(folder, adapterFile);
        arrays.images(folder, withUnits);
        arrays.spectra(TraceStatistics.of(folder, progress).spectra(arrays.frame));
        arrays.scores(folder, adapter, notes);
        if (adapter != null) {
            arrays.weights(adapter.adapter());
        }
        arrays.finish(adapter, target);
    }

    /** The adapter; its classes are the trace's, in the same order, or labels and logits would not go together. */
    private AdapterFile adapter(Path folder, Path file) {
        AdapterFile adapter =
                AdapterFile.read(file, frame, manifest.provenance().model()).requireTraced(file);
        List<String> its = adapter.classifier().classes();
        if (!its.equals(manifest.classes())) {
            throw InputException.at(
                    file,
                    "the classes " + its,
                    manifest.classes() + ", in this order, as " + folder + " has",
                    "Give an adapter of the trace's classes, or trace the adapter's data");
        }
        return adapter;
    }

    private void images(Path folder, boolean withUnits) {
        int d = shape.sharedWidth();
        List<UnitId> ids = shape.ids();
        long rows = TraceFolder.names(folder).size();
        if (withUnits && rows * ids.size() * d * Float.BYTES > LARGEST) {
            throw InputException.at(
                    folder,
                    "units of " + rows * ids.size() * d * Float.BYTES / 1_000_000 + " MB",
                    "at most 2147 MB in one array",
                    "Trace fewer images, or leave the units out with --no-units and compute them from the trace, shard"
                            + " by shard (python/)");
        }
        int n = (int) rows;
        float[] outputs = new float[n * d];
        float[] units = new float[withUnits ? n * ids.size() * d : 0];
        long[] labels = new long[n];
        TraceFolder.stream(folder, block -> {
            int from = names.size();
            System.arraycopy(block.output(), 0, outputs, from * d, block.size() * d);
            for (int i = 0; i < block.size(); i++) {
                labels[from + i] = block.labels()[i];
            }
            if (withUnits) {
                place(block, ids, units, from);
            }
            names.addAll(block.names());
        });
        writer.add("output", outputs, n, d).add("labels", labels, n);
        if (withUnits) {
            writer.add("units", units, n, ids.size(), d);
        }
    }

    private void place(TraceBlock block, List<UnitId> ids, float[] units, int from) {
        int d = shape.sharedWidth();
        for (int u = 0; u < ids.size(); u++) {
            try (NativeScope scope = NativeScope.inference()) {
                float[] values = Tensors.floats(block.unit(frame, ids.get(u)));
                for (int i = 0; i < block.size(); i++) {
                    System.arraycopy(values, i * d, units, ((from + i) * ids.size() + u) * d, d);
                }
            }
        }
    }

    private void spectra(List<Spectrum> spectra) {
        int d = shape.sharedWidth();
        int total = spectra.stream().mapToInt(Spectrum::rank).sum();
        double[] means = new double[spectra.size() * d];
        double[] eigenvalues = new double[total];
        double[] components = new double[total * d];
        int at = 0;
        for (int u = 0; u < spectra.size(); u++) {
            Spectrum s = spectra.get(u);
            System.arraycopy(s.mean(), 0, means, u * d, d);
            System.arraycopy(s.eigenvalues(), 0, eigenvalues, at, s.rank());
            System.arraycopy(s.components(), 0, components, at * d, s.rank() * d);
            at += s.rank();
        }
        writer.add("ranks", spectra.stream().mapToLong(Spectrum::rank).toArray(), spectra.size())
                .add("means", means, spectra.size(), d)
                .add("eigenvalues", eigenvalues, total)
                .add("components", components, total, d);
    }

    /** λ of components, and where each belongs. */
    private void weights(Adapter adapter) {
        Adapter.Spectral spectral = adapter.spectral();
        if (spectral == null || !(spectral.design() instanceof ComponentDesign design)) {
            return;
        }
        float[] lambda = spectral.lambdas();
        long[] unit = new long[lambda.length];
        long[] component = new long[lambda.length];
        int at = 0;
        for (ComponentDesign.Part part : design.parts()) {
            Arrays.fill(unit, at, at + part.kept(), shape.index(part.unit()));
            for (int k = 0; k < part.kept(); k++) {
                component[at + k] = k;
            }
            at += part.kept();
        }
        writer.add("lambda", lambda, lambda.length)
                .add("lambda_unit", unit, lambda.length)
                .add("lambda_component", component, lambda.length);
    }

    /** Scores by which heads are chosen, and logits; none of a test split, which chooses nothing. */
    private void scores(Path folder, @Nullable AdapterFile adapter, Consumer<String> notes) {
        Trace<? extends Split> trace =
                switch (manifest.split()) {
                    case "train" -> TraceFolder.train(folder);
                    case "validation" -> TraceFolder.validation(folder);
                    default -> null;
                };
        if (trace == null) {
            notes.accept("scores of heads and logits are left out: " + folder + " is of the split " + manifest.split()
                    + ", which chooses nothing");
            return;
        }
        int heads = shape.allHeads();
        writer.add("head_correlation", HeadScores.correlation(trace), heads);
        if (adapter == null) {
            notes.accept("without --adapter there are no class embeddings, so no accuracies of heads and no logits");
            return;
        }
        Classifier classifier = adapter.classifier();
        int c = classifier.classes().size();
        writer.add("head_accuracy", HeadScores.accuracy(trace, classifier), heads)
                .add("classifier", classifier.weights(), shape.sharedWidth(), c)
                .add("logits_before", logits(new Adapter.Identity(), classifier, trace), names.size(), c)
                .add("logits", logits(adapter.adapter(), classifier, trace), names.size(), c);
    }

    private static double[] logits(Adapter adapter, Classifier classifier, Trace<? extends Split> trace) {
        return Calibration.logits(adapter, classifier, trace).stream()
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    private void finish(@Nullable AdapterFile adapter, Path target) {
        ObjectNode info = Schema.ARRAYS.document().put("split", manifest.split());
        info.set("shape", shape.json());
        info.set("units", Json.of(shape.ids().stream().map(UnitId::toString).toList()));
        info.set(
                "classes",
                Json.of(
                        adapter == null
                                ? manifest.classes()
                                : adapter.classifier().classes()));
        if (adapter != null) {
            info.set("adapter", adapter.info().json());
        }
        info.set("provenance", manifest.provenance().json());
        writer.metadata(KEY, Json.line(info))
                .metadata("names", Json.line(Json.of(names)))
                .write(target);
    }
}
