package io.residual.onnx;

import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.adapt.FoldedAdapter;
import io.residual.adapt.KernelVotes;
import io.residual.adapt.TextHead;
import io.residual.base.AtomicFiles;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.images.Preprocessing;
import io.residual.model.ImageTextModel;
import io.residual.model.ImageTower;
import io.residual.provenance.Provenance;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A model's image tower with an adapter as one ONNX file.
 *
 * <p>Input {@code pixel_values} [n, 3, height, width], preprocessed as the model's own processor does it (the metadata say how).
 * Outputs {@code probabilities} [n, C], calibrated; {@code logits} [n, C], before the temperature; {@code image_embeds} [n, D],
 * adapted and of unit length. Metadata: classes, temperature and rejection threshold, preprocessing, hashes.
 */
public final class OnnxExport {
    private final OnnxGraph graph = new OnnxGraph();
    private final ImageTower tower;
    private final Classifier classifier;

    private OnnxExport(ImageTower tower, Classifier classifier) {
        this.tower = tower;
        this.classifier = classifier;
    }

    /** Writes a model with a fitted adapter. */
    public static void write(Path target, ImageTextModel model, AdapterFile file) {
        write(
                target,
                model,
                file.adapter(),
                file.classifier(),
                file.info().calibration(),
                file.info().provenance());
    }

    /**
     * Writes a model with an adapter of any method, atomically.
     *
     * @param provenance provenance of the adapter, or null
     */
    public static void write(
            Path target,
            ImageTextModel model,
            Adapter adapter,
            Classifier classifier,
            Calibration calibration,
            @Nullable Provenance provenance) {
        Preprocessing preprocessing = model.preprocessing();
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(Schema.KEY, Schema.ONNX.label());
        metadata.put(Schema.VERSION, String.valueOf(Schema.ONNX.version()));
        metadata.put("classes", Json.line(Json.of(classifier.classes())));
        metadata.put("temperature", String.valueOf(calibration.temperature()));
        metadata.put("threshold", String.valueOf(calibration.threshold()));
        metadata.put("method", adapter.method().id());
        metadata.put("preprocessing", Json.line(preprocessing.json()));
        metadata.put("model_hash", model.hash());
        if (provenance != null) {
            metadata.put("provenance", Json.line(provenance.json()));
        }
        try (NativeScope scope = NativeScope.inference()) {
            OnnxExport export = new OnnxExport(adapter.on(model).image(), classifier);
            export.build(adapter, calibration, preprocessing);
            AtomicFiles.write(
                    target,
                    file -> export.graph.write(
                            file, "residual", Provenance.version().replace("residual ", ""), metadata));
        }
    }

    private void build(Adapter adapter, Calibration calibration, Preprocessing preprocessing) {
        int height = preprocessing.inputHeight();
        int width = preprocessing.inputWidth();
        graph.input("pixel_values", "n", 3, height, width);
        TowerGraph pass = TowerGraph.of(graph, tower, "pixel_values", height, width);
        UnitFrame frame = UnitFrame.of(tower);
        String features = features(pass, FoldedAdapter.fold(adapter, frame, tower), frame.shape());
        String unit = unit(features, "image_embeds");
        String logits = logits(adapter, unit);
        String cooled = graph.node("Div", logits, graph.number(calibration.temperature()));
        graph.node("probabilities", "Softmax", List.of(cooled), Map.of("axis", -1));
        int classes = classifier.classes().size();
        graph.output("probabilities", "n", classes);
        graph.output("logits", "n", classes);
        graph.output("image_embeds", "n", tower.config().sharedWidth());
    }

    /** ŷ = B y + M x/σ + s 1/σ + t μ/σ + c, or B y + M u + c of units u, as {@link FoldedAdapter#features} has it. */
    private String features(TowerGraph pass, FoldedAdapter.@Nullable Map map, UnitShape shape) {
        if (map == null) {
            return pass.output();
        }
        int d = map.width();
        float[] b = map.output();
        String sum = graph.weight("adapter.constant", Tensors.of(map.constant(), 1, d));
        if (b != null) {
            sum = graph.node("Add", product(pass.output(), "adapter.output", b, d), sum);
        }
        float[] columns = map.columns();
        if (columns == null) {
            return sum;
        }
        boolean others = columns.length / d > shape.allHeads() * shape.keptOfHead();
        String moved = graph.node("Add", sum, product(pass.written(others), "adapter.columns", columns, d));
        List<String> statistics = pass.statistics();
        if (statistics.isEmpty()) {
            return moved;
        }
        String first =
                graph.node("Mul", statistics.get(0), graph.weight("adapter.inverse", Tensors.of(map.inverse(), 1, d)));
        String second =
                graph.node("Mul", statistics.get(1), graph.weight("adapter.mean", Tensors.of(map.mean(), 1, d)));
        return graph.node("Add", moved, graph.node("Add", first, second));
    }

    private String product(String x, String name, float[] map, int d) {
        return graph.node(
                "MatMul",
                x,
                graph.weight(name, Tensors.of(map, d, map.length / d).t()));
    }

    private String unit(String x, String name) {
        String length = graph.node("ReduceL2", List.of(x), Map.of("axes", new long[] {-1}, "keepdims", 1));
        return graph.node(name, "Div", List.of(x, length), Map.of());
    }

    /** Logits of embeddings of unit length. */
    private String logits(Adapter adapter, String unit) {
        int classes = classifier.classes().size();
        if (adapter instanceof Adapter.Probe probe) {
            Tensor weight = Tensors.of(probe.weight(), (long) probe.weight().length / classes, classes);
            String scaled = graph.node("Mul", unit, graph.number(Adapter.Probe.SCALE));
            String product = graph.node("MatMul", scaled, graph.weight("probe.weight", weight));
            return graph.node(
                    "logits",
                    "Add",
                    List.of(product, graph.weight("probe.bias", Tensors.of(probe.bias(), classes))),
                    Map.of());
        }
        String plain = graph.node("MatMul", unit, graph.weight("classifier", classifier.matrix()));
        if (adapter instanceof Adapter.Memory memory) {
            int m = memory.labels().length;
            float[] votes = new float[m * classes];
            for (int j = 0; j < m; j++) {
                votes[j * classes + memory.labels()[j]] = memory.alpha();
            }
            Tensor keys = Tensors.of(memory.keys(), m, (long) memory.keys().length / m);
            return voted(unit, plain, keys, memory.beta(), Tensors.of(votes, m, classes));
        }
        TextHead head = adapter.head();
        if (head != null) {
            String own = graph.node("MatMul", unit, graph.weight("head.weight", head.matrix()));
            String biased = graph.node("Add", own, graph.weight("head.bias", Tensors.of(head.bias(), classes)));
            return graph.node("logits", "Add", List.of(plain, biased), Map.of());
        }
        if (adapter instanceof KernelVotes kernel) {
            int m = kernel.stored();
            Tensor votes = Tensors.of(kernel.votes(), m, classes);
            return voted(unit, plain, Tensors.of(kernel.keys(), m, kernel.keys().length / m), kernel.beta(), votes);
        }
        return graph.node("logits", "Identity", List.of(plain), Map.of());
    }

    /** Logits and the votes of stored embeddings: {@code plain} + exp(β (f · keysᵀ − 1)) · votes. */
    private String voted(String unit, String plain, Tensor keys, double beta, Tensor votes) {
        String similar = graph.node("MatMul", unit, graph.weight("memory.keys", keys.t()));
        String affinity =
                graph.node("Exp", graph.node("Mul", graph.node("Sub", similar, graph.number(1)), graph.number(beta)));
        String voted = graph.node("MatMul", affinity, graph.weight("memory.votes", votes));
        return graph.node("logits", "Add", List.of(plain, voted), Map.of());
    }
}
