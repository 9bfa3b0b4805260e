package io.residual.adapt;

import io.residual.model.ImageTower;
import io.residual.model.Reading;
import io.residual.model.Residuals;
import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.PooledUnits;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * An adapter and its classifier as they are deployed: ŷ is linear in what the forward pass wrote into the residual streams that
 * the embedding reads, so all components, means and weights become one matrix. For ViT-L/14 that is 38 million multiplications
 * beside the tower's 81 thousand million; where the embedding is pooled by attention, the matrix acts on the units, and has
 * as many times D² numbers as there are units.
 *
 * <p>Holds native memory; close it. Safe for several threads.
 */
public final class FoldedAdapter implements AutoCloseable {
    /**
     * ŷ = B y + M x/σ + s 1/σ + t μ/σ + c.
     *
     * @param width D
     * @param output B [D, D]; null for none
     * @param columns M [D, L·d] where only heads are adapted, else [D, (2L+1)·d]; of units that are pooled by attention [D, L·H·D]
     *     or [D, U·D], the embedding's last; null for none
     * @param inverse s [D]
     * @param mean t [D]
     * @param constant c [D]
     */
    public record Map(
            int width,
            float @Nullable [] output,
            float @Nullable [] columns,
            float[] inverse,
            float[] mean,
            float[] constant) {
        /** Finite numbers may be too many times too large. */
        private Map requireFinite() {
            for (float[] part : Arrays.asList(output, columns, inverse, mean, constant)) {
                if (part != null) {
                    Finite.require(part, "the adapter multiplied out", REMEDY);
                }
            }
            return this;
        }
    }

    private static final String REMEDY = "Its numbers are too large for 32 bits: fit the adapter again";

    private final Adapter adapter;
    private final Classifier classifier;
    private final double eps;
    private final @Nullable Tensor output;
    private final @Nullable Tensor columns;
    private final Tensor tail; // [s t] [D, 2]
    private final Tensor constant;
    private final Tensor matrix; // T [D, C]
    private final FoldedLogits logits;
    private final boolean plain; // ŷ is y, whatever becomes of the logits
    private final int layers;
    private final @Nullable PooledUnits units; // where the embedding is pooled by attention and units are adapted

    private FoldedAdapter(
            ImageTower tower, Adapter adapter, Classifier classifier, Map map, @Nullable UnitShape shape) {
        this.adapter = adapter;
        this.classifier = classifier;
        this.eps = tower.weights().post().eps();
        this.layers = tower.config().layers();
        this.units = shape != null && shape.pooled() && map.columns != null ? new PooledUnits(tower, shape) : null;
        this.plain = adapter.spectral() == null && !(adapter instanceof Adapter.LinearMap);
        int d = map.width;
        try (NativeScope scope = NativeScope.inference()) {
            output = map.output == null ? null : scope.release(Tensors.of(map.output, d, d));
            columns = map.columns == null ? null : scope.release(Tensors.of(map.columns, d, map.columns.length / d));
            tail = scope.release(Ops.stack(List.of(Tensors.of(map.inverse, d), Tensors.of(map.mean, d)), 1));
            constant = scope.release(Tensors.of(map.constant, d));
            matrix = scope.release(classifier.matrix());
        }
        logits = FoldedLogits.of(adapter, classifier);
    }

    /** Folds an adapter into one linear map over the forward pass of a tower. */
    public static FoldedAdapter of(Adapter adapter, Classifier classifier, UnitFrame frame, ImageTower tower) {
        Map map = fold(adapter, frame, tower);
        return map == null
                ? plain(adapter, classifier, tower)
                : new FoldedAdapter(tower, adapter, classifier, map, frame.shape());
    }

    /** The linear map that gives ŷ; null for an adapter that does not change embeddings. */
    public static @Nullable Map fold(Adapter adapter, UnitFrame frame, ImageTower tower) {
        try (NativeScope scope = NativeScope.inference()) {
            Folding folding = new Folding(frame, tower);
            Adapter.Spectral spectral = adapter.spectral();
            if (spectral != null) {
                spectral.design().fold(folding, spectral.lambdas());
            } else if (adapter instanceof Adapter.LinearMap linear) {
                int d = linear.bias().length;
                folding.output(Tensors.of(linear.weight(), d, d).to(ScalarType.Double));
                folding.constant(Tensors.of(linear.bias(), d, 1).to(ScalarType.Double));
            } else {
                return null;
            }
            return folding.map().requireFinite();
        }
    }

    /** No adapter: the model's own embeddings and a classifier. */
    public static FoldedAdapter plain(Classifier classifier, ImageTower tower) {
        return plain(new Adapter.Identity(), classifier, tower);
    }

    private static FoldedAdapter plain(Adapter adapter, Classifier classifier, ImageTower tower) {
        int d = tower.config().sharedWidth();
        Map nothing = new Map(d, null, null, new float[d], new float[d], new float[d]);
        return new FoldedAdapter(tower, adapter, classifier, nothing, null);
    }

    /** What is folded. */
    public Adapter adapter() {
        return adapter;
    }

    /** Whose logits {@link #logits} gives. */
    public Classifier classifier() {
        return classifier;
    }

    /** The class names. */
    public List<String> classes() {
        return classifier.classes();
    }

    /** The adapted embeddings ŷ [b, D] of what a forward pass wrote, in this scope's native memory. */
    public Tensor features(Residuals residuals) {
        Tensor y = residuals.output();
        if (plain) {
            return y;
        }
        Tensor features = output == null ? constant.expand(y.size(0), y.size(1)) : Ops.linear(y, output, constant);
        Tensor weights = columns;
        if (weights == null) {
            return features;
        }
        PooledUnits pooled = units;
        if (pooled != null) {
            return features.add(Ops.linear(written(pooled.units(residuals), weights.size(1)), weights, null));
        }
        Reading reading = Reading.of(residuals, eps);
        Tensor statistics = Ops.cat(List.of(reading.inverse(), reading.mean()), 1); // [b, 2]
        List<Tensor> written = new ArrayList<>(residuals.heads());
        if (weights.size(1) > layers * residuals.stream().size(2)) {
            written.addAll(residuals.mlps());
            written.add(residuals.embedding());
        }
        Tensor x = reading.of(Ops.cat(written, 2)).squeeze(1); // side by side first: one call in place of 2L + 1
        return features.add(Ops.linear(x, weights, null)).add(Ops.linear(statistics, tail, null));
    }

    /** The heads' units side by side and, where M has columns for them, the others', the embedding's last. */
    private static Tensor written(PooledUnits.Units units, long width) {
        Tensor heads = units.heads().flatten(1, 2);
        if (heads.size(1) == width) {
            return heads;
        }
        Tensor others = units.others();
        Tensor rest = others.narrow(1, 1, others.size(1) - 1).flatten(1, 2);
        return Ops.cat(List.of(heads, rest, others.select(1, 0)), 1);
    }

    /** Logits [b, C] of the unadapted embeddings of a forward pass, in this scope's native memory. */
    public Tensor unadaptedLogits(Residuals residuals) {
        return Classifier.logits(residuals.output(), matrix);
    }

    /** Logits [b, C] of adapted embeddings [b, D] from {@link #features}, in this scope's native memory. */
    public Tensor logits(Tensor y) {
        return logits.apply(y);
    }

    @Override
    public void close() {
        for (Tensor tensor : new Tensor[] {output, columns, tail, constant, matrix}) {
            if (tensor != null) {
                tensor.close();
            }
        }
        logits.close();
    }
}
