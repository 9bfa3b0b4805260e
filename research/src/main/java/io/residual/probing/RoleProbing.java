package io.residual.probing;

import io.residual.base.Progress;
import io.residual.spectrum.SpectralSimilarity;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.TwoNn;
import io.residual.spectrum.UnitGeometry;
import io.residual.units.Trace;
import io.residual.units.UnitId;
import io.residual.units.UnitPoints;
import io.residual.units.UnitShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Do heads keep their roles from one data set to another? A head's spectral similarity to itself on another data set,
 * beside what it is to the other heads of its layer there: shared directions of a layer, and nothing about roles, would
 * make both alike.
 */
public final class RoleProbing {
    private static final double VARIANCE = .9;

    private RoleProbing() {}

    /**
     * Means over pairs of data sets.
     *
     * @param same mean similarity of a head to itself, by layer
     * @param other mean similarity of a head to another head of its layer, by layer
     * @param recognised share of heads (over pairs, both ways) that are more similar to themselves on the other data
     *     set than to any other head of the layer; by chance one in H
     */
    public record Result(double[] same, double[] other, double recognised) {}

    /** Compares the heads of traces of one model. {@code spectra}: for each trace those of all units, in order. */
    public static Result of(UnitShape shape, List<List<Spectrum>> spectra, Progress progress) {
        int layers = shape.layers();
        int heads = shape.heads();
        double[] same = new double[layers];
        double[] other = new double[layers];
        int[] sameCount = new int[layers];
        int[] otherCount = new int[layers];
        int recognised = 0;
        int asked = 0;
        int sets = spectra.size();
        progress.start("roles", (long) sets * (sets - 1));
        int done = 0;
        for (int a = 0; a < sets; a++) {
            for (int b = 0; b < sets; b++) {
                if (a == b) {
                    continue;
                }
                for (int l = 0; l < layers; l++) {
                    for (int h = 0; h < heads; h++) {
                        Spectrum mine = spectra.get(a).get(1 + l * heads + h);
                        double own = Double.NaN;
                        double best = Double.NEGATIVE_INFINITY;
                        for (int g = 0; g < heads; g++) {
                            double similarity =
                                    SpectralSimilarity.of(mine, spectra.get(b).get(1 + l * heads + g), VARIANCE);
                            if (Double.isNaN(similarity)) {
                                continue;
                            }
                            if (g == h) {
                                own = similarity;
                                same[l] += similarity;
                                sameCount[l]++;
                            } else {
                                best = Math.max(best, similarity);
                                other[l] += similarity;
                                otherCount[l]++;
                            }
                        }
                        asked++;
                        recognised += own > best ? 1 : 0;
                    }
                }
                progress.at(++done);
            }
        }
        progress.finish();
        for (int l = 0; l < layers; l++) {
            same[l] /= sameCount[l];
            other[l] /= otherCount[l];
        }
        return new Result(same, other, (double) recognised / asked);
    }

    /** The geometry of every unit that varies, on a trace. */
    public static List<UnitGeometry> geometry(Trace<?> trace, List<Spectrum> spectra, Progress progress) {
        List<UnitGeometry> all = new ArrayList<>();
        progress.start("dimensions", spectra.size());
        for (Spectrum spectrum : spectra) {
            double dimension = spectrum.rank() == 0
                    ? Double.NaN
                    : TwoNn.dimension(UnitPoints.of(trace, spectrum.unit()), trace.frame());
            all.add(UnitGeometry.of(spectrum, dimension));
            progress.at(all.size());
        }
        progress.finish();
        return all;
    }

    /** The mean of a figure over a layer's units of a kind. */
    public static double mean(
            List<UnitGeometry> units,
            UnitId.Kind kind,
            int layer,
            java.util.function.ToDoubleFunction<UnitGeometry> figure) {
        return Arrays.stream(units.stream()
                        .filter(u -> u.unit().kind() == kind && u.unit().layer() == layer)
                        .mapToDouble(figure)
                        .toArray())
                .filter(v -> !Double.isNaN(v))
                .average()
                .orElse(Double.NaN);
    }
}
