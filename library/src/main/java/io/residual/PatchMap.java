package io.residual;

import io.residual.predict.LogitMap;
import io.residual.units.UnitId;
import io.residual.where.TokenMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where in an image a logit, or the difference of two, comes from: an exact sum over the patches that the model cuts an image
 * into, and what belongs to none of them. A patch's part is what heads read at its token; by the last layers tokens hold what
 * earlier layers gathered from elsewhere, so it is exact about tokens and only roughly about pixels. Immutable.
 *
 * <pre>{@code
 * PatchMap map = classifier.where(image, one, other);
 * double most = Collections.max(map.patches());
 * }</pre>
 *
 * @param what the logits that are split, in words
 * @param rows of patches
 * @param columns of patches
 * @param patches logits of each patch, row by row: rows · columns of them, all units together
 * @param units the same of each unit alone, for the units that have a part at patches
 * @param elsewhere logits that belong to no patch: class token, registers, MLPs of the class token, constants
 * @param error |patches + elsewhere − logits|, measured
 */
public record PatchMap(
        String what,
        int rows,
        int columns,
        List<Double> patches,
        Map<UnitId, List<Double>> units,
        double elsewhere,
        double error) {
    /** Copies the lists. */
    public PatchMap {
        patches = List.copyOf(patches);
        Map<UnitId, List<Double>> copies = new LinkedHashMap<>();
        units.forEach((unit, values) -> copies.put(unit, List.copyOf(values)));
        units = Collections.unmodifiableMap(copies);
    }

    /**
     * The logits of a patch, all units together.
     *
     * @param row 0 to {@link #rows()} − 1, from the top
     * @param column 0 to {@link #columns()} − 1, from the left
     * @return positive for the class or text, negative against it
     * @throws IndexOutOfBoundsException if there is no such patch
     */
    public double patch(int row, int column) {
        if (row < 0 || row >= rows || column < 0 || column >= columns) {
            throw new IndexOutOfBoundsException(row + ", " + column + " of " + rows + " x " + columns + " patches");
        }
        return patches.get(row * columns + column);
    }

    /**
     * The whole: the logit, or the difference of logits.
     *
     * @return the sum of all patches and of what is elsewhere
     */
    public double total() {
        return patches.stream().mapToDouble(Double::doubleValue).sum() + elsewhere;
    }

    static PatchMap of(LogitMap map) {
        TokenMap after = map.after();
        Map<UnitId, List<Double>> units = new LinkedHashMap<>();
        for (UnitId unit : after.shape().ids()) {
            List<Double> own = list(after.patches(after.of(unit)));
            if (own.stream().anyMatch(v -> v != 0)) {
                units.put(unit, own);
            }
        }
        return new PatchMap(
                map.what(),
                after.rows(),
                after.columns(),
                list(after.patches(after.all())),
                units,
                after.elsewhere() + map.constantAfter(),
                map.error());
    }

    private static List<Double> list(double... values) {
        List<Double> all = new ArrayList<>();
        for (double value : values) {
            all.add(value);
        }
        return all;
    }
}
