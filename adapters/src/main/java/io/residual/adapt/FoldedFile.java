package io.residual.adapt;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.model.ImageTextModel;
import io.residual.model.Readout;
import io.residual.units.UnitFrame;
import io.residual.weights.SafetensorsWriter;
import java.nio.file.Path;

/**
 * A folded adapter in safetensors with JSON metadata, for programs in other languages that have the model already
 * (docs/formats.md, "Folded adapter"; examples/python/apply_adapter.py):
 *
 * <pre>ŷ = output y + columns x/σ + inverse 1/σ + mean μ/σ + constant</pre>
 *
 * with x what the heads wrote before their output projections, then, where {@code mlps} is true, what the MLPs and the
 * embedding wrote; σ and μ the final LayerNorm's.
 */
public final class FoldedFile {
    private static final String KEY = "residual-folded";

    private FoldedFile() {}

    /**
     * Writes the file.
     *
     * @throws InputException for a method that does not change embeddings, because there is nothing to fold; for a model whose
     *     embedding is pooled
     */
    public static void write(Path target, ImageTextModel model, AdapterFile file, UnitFrame frame) {
        if (!(model.image().weights().readout() instanceof Readout.ClassToken)) {
            throw InputException.at(
                    target,
                    "a model whose embedding is pooled from its tokens",
                    "one that is read at its class token, which this file's formula is for",
                    "Export it as ONNX instead");
        }
        FoldedAdapter.Map map = FoldedAdapter.fold(file.adapter(), frame, model.image());
        if (map == null) {
            throw InputException.at(
                    target,
                    file.adapter().method().label()
                            + (file.adapter().method().changesPass()
                                    ? ", which changes the forward pass"
                                    : ", which does not change embeddings"),
                    "a method that changes embeddings",
                    "Export it as ONNX instead");
        }
        int d = map.width();
        int classes = file.classifier().classes().size();
        SafetensorsWriter writer =
                new SafetensorsWriter().add("classifier", file.classifier().weights(), d, classes);
        writer.add("constant", map.constant(), d);
        float[] output = map.output();
        if (output != null) {
            writer.add("output", output, d, d);
        }
        float[] columns = map.columns();
        int heads = model.image().config().layers() * model.image().config().width();
        if (columns != null) {
            writer.add("columns", columns, d, columns.length / d)
                    .add("inverse", map.inverse(), d)
                    .add("mean", map.mean(), d);
        }
        ObjectNode info = Schema.FOLDED_ADAPTER
                .document()
                .put("method", file.adapter().method().id())
                .put("eps", model.image().weights().post().eps())
                .put("mlps", columns != null && columns.length / d > heads)
                .put("temperature", file.info().calibration().temperature())
                .put("threshold", file.info().calibration().threshold())
                .put("model_hash", model.hash());
        info.set("classes", Json.of(file.classifier().classes()));
        info.set("preprocessing", model.preprocessing().json());
        info.set("provenance", file.info().provenance().json());
        writer.metadata(KEY, Json.line(info));
        writer.write(target);
    }
}
