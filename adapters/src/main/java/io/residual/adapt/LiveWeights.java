package io.residual.adapt;

import io.residual.data.Split;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * λ that somebody turns by hand, and what that makes of validation images at once: C, Φ and ŷ stay in memory, and a change
 * of some λ adds (C ⊙ Δλ) Φ over their columns alone. It knows no test split, so whatever is chosen by looking at it is
 * chosen on validation.
 *
 * <p>Holds native memory; close it. Not safe for several threads.
 */
public final class LiveWeights implements AutoCloseable {
    private final Design design;
    private final @Nullable TextHead head;
    private final Classifier classifier;
    private final int[] columns; // the parameter of each column
    private final int[] labels;
    private final Tensor coefficients; // C [n, K]
    private final Tensor rest; // R [n, D]
    private final Tensor directions; // Φ [K, D]
    private Tensor adapted; // ŷ [n, D]
    private float[] lambdas;

    /** Starts from an adapter's own λ. */
    public LiveWeights(Adapter.Spectral adapter, Classifier classifier, Trace<Split.Validation> images) {
        this(adapter, null, classifier, images);
    }

    /**
     * The same with a linear classifier beside the prompts.
     *
     * @param head stays as it is while λ are turned; null for none
     */
    public LiveWeights(
            Adapter.Spectral adapter, @Nullable TextHead head, Classifier classifier, Trace<Split.Validation> images) {
        this.head = head;
        this.classifier = classifier;
        this.design = adapter.design();
        this.labels = images.labels();
        this.lambdas = adapter.lambdas().clone();
        try (NativeScope scope = NativeScope.inference()) {
            List<Cached> parts = new ArrayList<>();
            for (TraceBlock block : images.blocks()) {
                parts.add(design.cache(block));
            }
            Cached all = Cached.joined(parts);
            coefficients = scope.release(all.coefficients());
            rest = scope.release(all.rest());
            directions = scope.release(design.directions());
            adapted = scope.release(whole(lambdas));
        }
        int[] shared = design.parameterOfColumn();
        columns = shared.length > 0
                ? shared
                : java.util.stream.IntStream.range(0, lambdas.length).toArray();
    }

    /** A copy of the current λ. */
    public float[] lambdas() {
        return lambdas.clone();
    }

    /** The adapter with the current λ. */
    public Adapter adapter() {
        Adapter.Spectral spectral = new Adapter.Spectral(design, lambdas());
        return head == null ? spectral : new SpectralHead(spectral, head);
    }

    /** The images' classes. */
    public int[] labels() {
        return labels.clone();
    }

    /**
     * Takes other λ; what has not changed costs nothing.
     *
     * @throws IllegalArgumentException if there are more or fewer of them, or one is not finite
     */
    public void set(float... changed) {
        if (changed.length != lambdas.length) {
            throw new IllegalArgumentException(changed.length + " weights for " + lambdas.length);
        }
        int from = columns.length;
        int to = 0;
        for (int k = 0; k < columns.length; k++) {
            float value = changed[columns[k]];
            if (!Float.isFinite(value)) {
                throw new IllegalArgumentException("a weight of " + value);
            }
            if (value != lambdas[columns[k]]) {
                from = Math.min(from, k);
                to = k + 1;
            }
        }
        if (to <= from) {
            return;
        }
        try (NativeScope scope = NativeScope.inference()) {
            Tensor now;
            if (to - from > columns.length / 2) {
                now = whole(changed); // afresh, so that rounding does not add up
            } else {
                float[] difference = new float[to - from];
                for (int k = from; k < to; k++) {
                    difference[k - from] = changed[columns[k]] - lambdas[columns[k]];
                }
                Tensor some = coefficients.narrow(1, from, to - from);
                Tensor delta = Tensors.of(difference, difference.length);
                now = adapted.add(some.mul(delta).matmul(directions.narrow(0, from, to - from)));
            }
            Tensor before = adapted;
            adapted = scope.release(now);
            before.close();
        }
        lambdas = changed.clone();
    }

    private Tensor whole(float... parameters) {
        Tensor spread = design.spread(Tensors.of(parameters, parameters.length));
        return coefficients.mul(spread).matmul(directions).add(rest);
    }

    /** Every image's logits, n × C numbers. */
    public double[] logits() {
        try (NativeScope scope = NativeScope.inference()) {
            return Tensors.doubles(head == null ? classifier.logits(adapted) : head.logits(adapted, classifier));
        }
    }

    /**
     * The variance along a direction for each parameter: Σ E[c_k²] (φ_k · v)² over its columns.
     *
     * @param direction v [D]; its length does not matter
     * @return one number per parameter, as shares of their sum
     */
    public double[] carrying(double... direction) {
        double[] carried = new double[lambdas.length];
        try (NativeScope scope = NativeScope.inference()) {
            Tensor v = Tensors.of(direction, direction.length, 1).to(Tensors.type(directions));
            double[] along = Tensors.doubles(directions.matmul(v).square().squeeze(1));
            double[] square = Tensors.doubles(Ops.mean(coefficients.square(), 0).squeeze(0));
            double total = 0;
            for (int k = 0; k < columns.length; k++) {
                carried[columns[k]] += along[k] * square[k];
                total += along[k] * square[k];
            }
            for (int p = 0; p < carried.length && total > 0; p++) {
                carried[p] /= total;
            }
        }
        return carried;
    }

    /** The variance of what each parameter weighs, over the images: Var c_k ‖φ_k‖², summed over its columns. */
    public double[] variances() {
        double[] variances = new double[lambdas.length];
        try (NativeScope scope = NativeScope.inference()) {
            Tensor c = coefficients.to(ScalarType.Double);
            Tensor spread = Ops.mean(c.sub(Ops.mean(c, 0)).square(), 0).squeeze(0);
            Tensor lengths = Ops.sum(directions.to(ScalarType.Double).square(), 1);
            double[] each = Tensors.doubles(spread.mul(lengths));
            for (int k = 0; k < columns.length; k++) {
                variances[columns[k]] += each[k];
            }
        }
        return variances;
    }

    @Override
    public void close() {
        for (Tensor tensor : new Tensor[] {coefficients, rest, directions, adapted}) {
            tensor.close();
        }
    }
}
