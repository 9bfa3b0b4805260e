package io.residual.fit;

import io.residual.tensor.Ops;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The penalty of a fit, and the coordinates in which L-BFGS minimises. The penalty decides what is learned, the
 * coordinates only how fast.
 *
 * <p>Every parameter costs alike, whatever the training images show of its direction: P parameters λ cost the mean of
 * (λ − 1)², the matrix of a Linear Aligner ‖W − I‖² / D. (A penalty on what a step does to the training images makes
 * directions free in which these hardly vary, though other images do.)
 *
 * <p>The loss, on the other hand, is the more curved along a direction the more the training images vary in it. So a
 * step in direction k is divided by √(κ m_k + s g), with m_k the share of the training outputs' mean square in that
 * direction, κ the curvature of the cross-entropy, g the direction's cost and s the penalty's strength: the curvature
 * is then about 1 in every direction, for every strength.
 */
final class Metric {
    /** Its name, for provenance. */
    static final String NAME = "plain";

    /** Without a penalty, a direction in which nothing varies must not divide by nothing. */
    private static final double LEAST = 1e-12;

    private final Tensor shares; // m [P]
    private final double curvature; // κ

    /**
     * The metric of some directions.
     *
     * @param shares m [P], not negative, adding up to about 1
     * @param classifier [D, C]
     */
    Metric(Tensor shares, Tensor classifier) {
        this.shares = shares.clamp_min(new Scalar(0));
        this.curvature = curvature(classifier);
    }

    /** κ. */
    double curvature() {
        return curvature;
    }

    /** The penalty of a unit step along any direction: 1/P. */
    double cost() {
        return 1.0 / shares.numel();
    }

    /** The length of a step of 1 along each direction in the coordinates for a strength, [P]. */
    Tensor length(double strength) {
        return Ops.shift(Ops.scale(shares, curvature), strength * cost())
                .clamp_min(new Scalar(LEAST))
                .sqrt();
    }

    /**
     * Of the mean cross-entropy in a unit embedding's coordinates, at equal probabilities and on average over directions: the
     * variance of the class embeddings.
     */
    private static double curvature(Tensor classifier) {
        Tensor centred = classifier.sub(Ops.mean(classifier, 1).unsqueeze(1));
        return Math.max(centred.square().mean().item_double(), Double.MIN_NORMAL);
    }
}
