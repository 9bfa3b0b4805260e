package io.residual.spectrum;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.units.UnitShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The spectral similarity of every head between data sets of one model, or between models of one shape. Immutable.
 *
 * @param names of the traces
 * @param shape of their model
 * @param similarity for each pair of traces (i, j), i < j, one number per head; NaN if a head is constant
 */
public record SpectralComparison(List<String> names, UnitShape shape, List<double[]> similarity) {
    public SpectralComparison {
        names = List.copyOf(names);
        similarity = List.copyOf(similarity);
    }

    /**
     * Compares heads pairwise.
     *
     * @param spectra for each trace the spectra of all its units, in order
     * @param variance share of each spectrum's variance that is kept, 0.9 in the paper
     */
    public static SpectralComparison of(
            List<String> names, UnitShape shape, List<List<Spectrum>> spectra, double variance, Progress progress) {
        int count = names.size();
        if (count < 2) {
            throw InputException.at("the traces to compare", String.valueOf(count), "two or more", "Name another");
        }
        List<double[]> all = new ArrayList<>();
        progress.start("comparing heads", (long) count * (count - 1) / 2);
        for (int i = 0; i < count; i++) {
            for (int j = i + 1; j < count; j++) {
                double[] heads = new double[shape.allHeads()];
                for (int h = 0; h < heads.length; h++) {
                    heads[h] = SpectralSimilarity.of(
                            spectra.get(i).get(1 + h), spectra.get(j).get(1 + h), variance);
                }
                all.add(heads);
                progress.at(all.size());
            }
        }
        progress.finish();
        return new SpectralComparison(names, shape, all);
    }

    /** The heads' similarities between two of the traces; 1 everywhere for a trace and itself. */
    public double[] between(int i, int j) {
        if (i == j) {
            double[] ones = new double[shape.allHeads()];
            Arrays.fill(ones, 1);
            return ones;
        }
        int a = Math.min(i, j);
        int b = Math.max(i, j);
        return similarity.get(a * names.size() - a * (a + 1) / 2 + b - a - 1);
    }

    /** The mean over heads that are constant in neither trace. */
    public double mean(int i, int j) {
        return mean(between(i, j), 0, shape.allHeads());
    }

    /** The mean similarity over the heads of a layer. */
    public double mean(int i, int j, int layer) {
        return mean(between(i, j), layer * shape.heads(), (layer + 1) * shape.heads());
    }

    private static double mean(double[] values, int from, int to) {
        return Arrays.stream(values, from, to)
                .filter(v -> !Double.isNaN(v))
                .average()
                .orElse(Double.NaN);
    }

    /**
     * The agreement with another model on which data sets are similar: Pearson's correlation over heads and pairs.
     *
     * @param other comparison of the same data sets in the same order, with the same number of heads
     */
    public double correlation(SpectralComparison other) {
        if (other.similarity.size() != similarity.size()
                || other.shape.layers() != shape.layers()
                || other.shape.heads() != shape.heads()) {
            throw InputException.at(
                    "the models to compare",
                    other.names.size() + " traces of " + other.shape.layers() + " x " + other.shape.heads() + " heads",
                    names.size() + " traces of " + shape.layers() + " x " + shape.heads() + " heads",
                    "Give traces of the same data sets by models of one shape");
        }
        return pearson(flat(similarity), flat(other.similarity));
    }

    /** The same correlation over pairs, with each pair's mean over heads. Any two models can be compared. */
    public double correlationOfMeans(SpectralComparison other) {
        if (other.similarity.size() != similarity.size()) {
            throw InputException.at(
                    "the models to compare",
                    other.names.size() + " traces",
                    names.size() + " traces",
                    "Give traces of the same data sets");
        }
        return pearson(
                similarity.stream().mapToDouble(s -> mean(s, 0, s.length)).toArray(),
                other.similarity.stream().mapToDouble(s -> mean(s, 0, s.length)).toArray());
    }

    private static double[] flat(List<double[]> parts) {
        return parts.stream().flatMapToDouble(Arrays::stream).toArray();
    }

    /** Over places where both are numbers; NaN where one of them does not vary or there are fewer than three. */
    static double pearson(double[] x, double[] y) {
        int n = 0;
        double mx = 0;
        double my = 0;
        for (int i = 0; i < x.length; i++) {
            if (!Double.isNaN(x[i]) && !Double.isNaN(y[i])) {
                n++;
                mx += x[i];
                my += y[i];
            }
        }
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            if (!Double.isNaN(x[i]) && !Double.isNaN(y[i])) {
                double a = x[i] - mx / n;
                double b = y[i] - my / n;
                xy += a * b;
                xx += a * a;
                yy += b * b;
            }
        }
        return n < 3 || xx <= 0 || yy <= 0 ? Double.NaN : xy / Math.sqrt(xx * yy);
    }
}
