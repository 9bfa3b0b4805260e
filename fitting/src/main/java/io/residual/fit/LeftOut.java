package io.residual.fit;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * Selection without validation: how well images are told apart by what was fitted without them. The figure is their mean
 * cross-entropy at the temperature that suits it best, because a temperature is fitted afterwards anyway and a strength should
 * not be chosen for being timid.
 */
final class LeftOut {
    /** Inverse temperatures that are tried, a quarter of a decade apart. */
    private static final double[] SCALES = scales();

    private LeftOut() {}

    private static double[] scales() {
        double[] scales = new double[15];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = Math.pow(10, -2 + i / 4.0);
        }
        return scales;
    }

    /** The loss of logits of images that were left out. {@code logits} [n, C], {@code targets} [n]. */
    static double loss(Tensor logits, Tensor targets) {
        int at = SCALES.length / 2;
        double best = loss(logits, targets, at);
        // Convex in the inverse temperature: downhill from the middle ends at the least of all.
        double next = at + 1 < SCALES.length ? loss(logits, targets, at + 1) : Double.POSITIVE_INFINITY;
        int way = next < best ? 1 : -1;
        if (way > 0) {
            at++;
            best = next;
        }
        while (at + way >= 0 && at + way < SCALES.length) {
            next = loss(logits, targets, at + way);
            if (next > best) {
                break;
            }
            at += way;
            best = next;
        }
        return best;
    }

    private static double loss(Tensor logits, Tensor targets, int scale) {
        try (NativeScope scope = NativeScope.inference()) {
            return Ops.crossEntropy(Ops.scale(logits, SCALES[scale]), targets).item_double();
        }
    }
}
