package io.residual.description;

import io.residual.spectrum.UnitSpan;
import io.residual.spectrum.UnitStatistics;
import io.residual.units.UnitFrame;
import io.residual.units.UnitPoints;
import org.bytedeco.pytorch.Tensor;

/**
 * One unit and a dictionary, for several descriptions: what they share, above all the product of all texts with the unit's basis, is
 * computed once. In the native memory of the scope in which it is made.
 */
public final class UnitTexts {
    private final UnitStatistics statistics;
    private final UnitFrame frame;
    private final TextMatrix matrix;
    private final UnitSpan span;
    private final Tensor texts; // T Q [M, k]

    /**
     * A unit's texts.
     *
     * @param statistics of the unit whose variance descriptions explain
     */
    public UnitTexts(UnitStatistics statistics, UnitFrame frame, TextMatrix matrix) {
        this.statistics = statistics;
        this.frame = frame;
        this.matrix = matrix;
        this.span = UnitSpan.of(statistics, frame);
        Tensor within = span.within();
        this.texts = within == null ? matrix.texts() : matrix.texts().matmul(within);
    }

    /** {@link TextSpan}, of so many leading directions. */
    public Description span(int count, int rank) {
        return TextSpan.of(this, count, rank);
    }

    /** {@link MatchingPursuit} of a direction, [D]. */
    public Description direction(double[] signal, int count) {
        return MatchingPursuit.ofDirection(this, signal, count);
    }

    /** {@link MatchingPursuit} of all images. */
    public Description images(UnitPoints points, int count) {
        return MatchingPursuit.ofImages(this, points, count);
    }

    UnitStatistics statistics() {
        return statistics;
    }

    UnitFrame frame() {
        return frame;
    }

    TextMatrix matrix() {
        return matrix;
    }

    /** The unit's basis, and its statistics in it. */
    UnitSpan span() {
        return span;
    }

    /** The texts in the basis, [M, k]. */
    Tensor texts() {
        return texts;
    }
}
