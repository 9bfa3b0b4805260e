package io.residual.audit;

import io.residual.units.TraceBlock;
import io.residual.units.UnitShape;
import java.util.List;

/** The weighted mean of traced images. Units are affine in what a trace keeps, so its units are the means of their units. */
final class WeightedMean {
    private final UnitShape shape;
    private final double[] heads;
    private final double[] norm;
    private final double[] projected;
    private final double[] output;
    private double sum;
    private int count;

    WeightedMean(UnitShape shape) {
        this.shape = shape;
        this.heads = new double[shape.allHeads() * shape.keptOfHead()];
        this.norm = new double[shape.keptOfNorm()];
        this.projected = new double[shape.others() * shape.sharedWidth()];
        this.output = new double[shape.sharedWidth()];
    }

    /** Adds the images of a block, whose numbers are read once: they may be on disk. */
    void add(TraceBlock block, double... weights) {
        add(block.heads(), weights, heads);
        add(block.norm(), weights, norm);
        add(block.projected(), weights, projected);
        add(block.output(), weights, output);
        for (double weight : weights) {
            sum += weight;
            count++;
        }
    }

    private static void add(float[] from, double[] weights, double... into) {
        for (int row = 0; row < weights.length; row++) {
            for (int j = 0; j < into.length; j++) {
                into[j] += weights[row] * from[row * into.length + j];
            }
        }
    }

    /** The mean, with weights that sum to 1. */
    TraceBlock block() {
        return new TraceBlock(
                shape,
                mean(heads),
                mean(norm),
                mean(projected),
                mean(output),
                new int[1],
                List.of("the mean of " + count + " images"));
    }

    private float[] mean(double[] sums) {
        float[] out = new float[sums.length];
        for (int j = 0; j < out.length; j++) {
            out[j] = (float) (sums[j] / sum);
        }
        return out;
    }

    /** The mean weight. */
    double weight() {
        return sum / Math.max(1, count);
    }
}
