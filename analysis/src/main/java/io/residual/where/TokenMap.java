package io.residual.where;

import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import java.util.Arrays;

/**
 * A number read of an image, such as a logit, as an exact sum over units × tokens: {@link #total} is the sum of all parts and
 * of the units' constants.
 *
 * @param shape of the units
 * @param leading tokens before the patches: class token and registers
 * @param rows of patches
 * @param columns of patches
 * @param parts [U, T] in the order of units: a head's by the token it read, the embedding's and an MLP's by the token it wrote at
 * @param constants [U]: what belongs to no token: shares of biases and of the final LayerNorm, and all of an MLP after pooling
 */
public record TokenMap(UnitShape shape, int leading, int rows, int columns, double[] parts, double[] constants) {
    public TokenMap {
        if (parts.length != constants.length * (leading + rows * columns)) {
            throw new IllegalArgumentException(parts.length + " parts for " + constants.length + " units of "
                    + (leading + rows * columns) + " tokens");
        }
    }

    /** T. */
    public int tokens() {
        return leading + rows * columns;
    }

    /** The whole sum. */
    public double total() {
        return Arrays.stream(parts).sum() + Arrays.stream(constants).sum();
    }

    /** Everything times a factor. */
    public TokenMap times(double factor) {
        double[] p = Arrays.stream(parts).map(v -> v * factor).toArray();
        double[] c = Arrays.stream(constants).map(v -> v * factor).toArray();
        return new TokenMap(shape, leading, rows, columns, p, c);
    }

    /** One unit alone, without its constant: the sum of the parts is what it read or wrote at tokens. */
    public TokenMap only(UnitId unit) {
        double[] p = new double[parts.length];
        System.arraycopy(of(unit), 0, p, shape.index(unit) * tokens(), tokens());
        return new TokenMap(shape, leading, rows, columns, p, new double[constants.length]);
    }

    /** The parts of one unit, [T]. */
    public double[] of(UnitId unit) {
        int index = shape.index(unit);
        return Arrays.copyOfRange(parts, index * tokens(), (index + 1) * tokens());
    }

    /** The constant of one unit. */
    public double constant(UnitId unit) {
        return constants[shape.index(unit)];
    }

    /** The parts of all heads together, [T]. */
    public double[] heads() {
        return sum(1, 1 + shape.allHeads());
    }

    /** The parts of all units together, [T]. */
    public double[] all() {
        return sum(0, constants.length);
    }

    private double[] sum(int from, int to) {
        double[] sum = new double[tokens()];
        for (int u = from; u < to; u++) {
            for (int t = 0; t < sum.length; t++) {
                sum[t] += parts[u * sum.length + t];
            }
        }
        return sum;
    }

    /** The patches of some tokens [T], row by row: [rows · columns]. */
    public double[] patches(double... tokens) {
        return Arrays.copyOfRange(tokens, leading, tokens.length);
    }

    /** What of the total falls on no patch: class token, registers and constants. */
    public double elsewhere() {
        return total() - Arrays.stream(patches(all())).sum();
    }
}
