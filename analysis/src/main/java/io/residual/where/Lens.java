package io.residual.where;

import io.residual.model.Block;
import io.residual.model.ImageTower;
import io.residual.model.Residuals;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The logit lens (nostalgebraist 2020): what the final LayerNorm and the readout would answer if the residual streams ended
 * earlier, after each layer's attention and MLP, and with one unit alone added. The model was not trained to be read there: what
 * an early layer "answers" may be an artefact of the readout.
 *
 * @param steps after the embedding, and after the attention and the MLP of each layer
 * @param units what each head adds by itself to the streams before its layer, and each MLP to those before it, in the order of
 *     units without the embedding
 */
public record Lens(List<Step> steps, List<Step> units) {
    public Lens {
        steps = List.copyOf(steps);
        units = List.copyOf(units);
    }

    /**
     * One place to read.
     *
     * @param name such as {@code L3 attention}
     * @param embeddings [b, D]
     * @param before the index of the step that this adds to; −1 for the embedding
     */
    public record Step(String name, float[] embeddings, int before) {}

    /** Reads what a pass wrote. */
    public static Lens of(ImageTower tower, Residuals residuals) {
        List<Step> steps = new ArrayList<>();
        List<Step> heads = new ArrayList<>();
        List<Step> mlps = new ArrayList<>();
        int h = tower.config().headWidth();
        try (NativeScope scope = NativeScope.inference()) {
            Tensor x = residuals.embedding(); // [b, t, d]
            steps.add(step("embedding", tower, x, -1));
            for (int l = 0; l < tower.config().layers(); l++) {
                Block block = tower.weights().blocks().get(l);
                Tensor z = residuals.heads().get(l);
                Tensor w = block.out().weight().to(ScalarType.Float); // [d, H·h]
                Tensor all = z.matmul(w.t());
                Tensor bias = block.out().bias();
                for (int k = 0; k < tower.config().heads(); k++) {
                    Tensor one = z.narrow(2, (long) k * h, h)
                            .matmul(w.narrow(1, (long) k * h, h).t());
                    if (bias != null) {
                        one = one.add(Ops.scale(
                                bias.to(ScalarType.Float), 1.0 / tower.config().heads()));
                    }
                    heads.add(step(new UnitId(UnitId.Kind.HEAD, l, k).toString(), tower, x.add(one), 2 * l));
                }
                x = x.add(bias == null ? all : all.add(bias.to(ScalarType.Float)));
                steps.add(step("L" + l + " attention", tower, x, 2 * l));
                x = x.add(residuals.mlps().get(l));
                steps.add(step("L" + l + " MLP", tower, x, 2 * l + 1));
                mlps.add(step(new UnitId(UnitId.Kind.MLP, l, 0).toString(), tower, x, 2 * l + 1));
            }
        }
        heads.addAll(mlps);
        return new Lens(steps, heads);
    }

    private static Step step(String name, ImageTower tower, Tensor x, int before) {
        return new Step(name, Tensors.floats(tower.read(x)), before);
    }
}
