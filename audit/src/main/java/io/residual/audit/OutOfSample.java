package io.residual.audit;

import io.residual.spectrum.Features;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Temperature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Probabilities of the classes of every image by a linear classifier that was fitted on all others: ridge regression on the classes,
 * whose predictions without an image follow exactly from one fit (Allen 1974). Twins are left out together, so that a copy with the
 * same wrong label does not vouch for it. The penalty and the softmax's temperature are those of the least loss.
 *
 * @param rows the images, ascending
 * @param classes C
 * @param probabilities [rows, C]
 * @param scores [rows, C]: predictions of the class indicators, about 1 for an image's class and 0 for the others
 * @param penalty share of the mean squared length of an embedding
 * @param fit the fit on all images
 */
public record OutOfSample(
        int[] rows, int classes, double[] probabilities, double[] scores, double penalty, RidgeFit fit) {
    /** Scores that a temperature is fitted to. */
    private static final int FITTED = 1 << 19;

    private static final double[] PENALTIES = {1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1};

    /**
     * Predicts each image without itself and its twins.
     *
     * @param labels of all images
     * @param groups number of each image's twins, −1 for none
     */
    static OutOfSample of(Features features, int[] labels, int[] groups, int classes) {
        return of(features, features.rows(), labels, groups, classes);
    }

    /** The same of some images, {@code rows}, ascending; embeddings are centred by the mean of all that there are. */
    static OutOfSample of(Features features, int[] rows, int[] labels, int[] groups, int classes) {
        int n = rows.length;
        int[] own = Arrays.stream(rows).map(i -> labels[i]).toArray();
        try (NativeScope scope = NativeScope.inference()) {
            Tensor x = torch.cat(new org.bytedeco.pytorch.TensorVector(features.centred(rows), torch.ones(n, 1)), 1);
            var eigen = torch.linalg_eigh(x.t().matmul(x).to(ScalarType.Double));
            Tensor z = x.matmul(eigen.get1().to(ScalarType.Float)); // [n, D + 1]
            double[] values = Tensors.doubles(eigen.get0());
            float[] one = new float[n * classes];
            for (int i = 0; i < n; i++) {
                one[i * classes + own[i]] = 1;
            }
            Tensor y = Tensors.of(one, n, classes);
            Tensor zy = z.t().matmul(y);
            Tensor squares = z.square();
            List<int[]> together = together(rows, groups);
            double least = Double.POSITIVE_INFINITY;
            double[] products = Tensors.doubles(zy.to(ScalarType.Double));
            double[] vectors = Tensors.doubles(eigen.get1());
            OutOfSample best = new OutOfSample(
                    rows,
                    classes,
                    new double[n * classes],
                    new double[n * classes],
                    Double.NaN,
                    new RidgeFit(classes, vectors, new double[values.length], products));
            for (double penalty : PENALTIES) {
                try (NativeScope inner = NativeScope.inference()) {
                    Tensor inverse = inverse(values, penalty * n);
                    double[] leverage =
                            Tensors.doubles(squares.matmul(inverse.unsqueeze(1)).to(ScalarType.Double));
                    double[] fitted = Tensors.doubles(
                            z.matmul(zy.mul(inverse.unsqueeze(1))).to(ScalarType.Double));
                    double[] scores = without(fitted, leverage, own, classes);
                    for (int[] group : together) {
                        Tensor some = z.index_select(0, Tensors.indices(group));
                        double[] hat = Tensors.doubles(
                                some.mul(inverse.unsqueeze(0)).matmul(some.t()).to(ScalarType.Double));
                        withoutGroup(scores, fitted, hat, group, own, classes);
                    }
                    double temperature = temperature(scores, classes, own);
                    double[] found = softmax(scores, classes, temperature);
                    double loss = loss(found, own, classes);
                    if (loss < least) {
                        least = loss;
                        double[] shrunk = Tensors.doubles(inverse.to(ScalarType.Double));
                        best = new OutOfSample(
                                rows,
                                classes,
                                found,
                                scores,
                                penalty,
                                new RidgeFit(classes, vectors, shrunk, products));
                    }
                }
            }
            return best;
        }
    }

    private static Tensor inverse(double[] values, double shift) {
        float[] out = new float[values.length];
        for (int j = 0; j < out.length; j++) {
            out[j] = (float) (1 / (Math.max(0, values[j]) + shift));
        }
        return Tensors.of(out, out.length);
    }

    /** Places in {@code rows} of images that are left out together. */
    private static List<int[]> together(int[] rows, int[] groups) {
        int most = Arrays.stream(groups).max().orElse(-1);
        List<List<Integer>> members = new ArrayList<>();
        for (int g = 0; g <= most; g++) {
            members.add(new ArrayList<>());
        }
        for (int r = 0; r < rows.length; r++) {
            if (groups[rows[r]] >= 0) {
                members.get(groups[rows[r]]).add(r);
            }
        }
        return members.stream()
                .filter(m -> m.size() > 1)
                .map(m -> m.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    private static double[] without(double[] fitted, double[] leverage, int[] labels, int classes) {
        double[] out = new double[fitted.length];
        for (int i = 0; i < labels.length; i++) {
            for (int c = 0; c < classes; c++) {
                double target = labels[i] == c ? 1 : 0;
                double residual = (target - fitted[i * classes + c]) / Math.max(1e-6, 1 - leverage[i]);
                out[i * classes + c] = target - residual;
            }
        }
        return out;
    }

    /** Residuals of a group without itself: (I − H)⁻¹ e. */
    private static void withoutGroup(
            double[] scores, double[] fitted, double[] hat, int[] group, int[] labels, int classes) {
        int m = group.length;
        double[][] system = new double[m][m + classes];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < m; j++) {
                system[i][j] = (i == j ? 1 + 1e-6 : 0) - hat[i * m + j];
            }
            for (int c = 0; c < classes; c++) {
                system[i][m + c] = (labels[group[i]] == c ? 1 : 0) - fitted[group[i] * classes + c];
            }
        }
        solve(system, m);
        for (int i = 0; i < m; i++) {
            for (int c = 0; c < classes; c++) {
                scores[group[i] * classes + c] = (labels[group[i]] == c ? 1 : 0) - system[i][m + c];
            }
        }
    }

    /** Gauss–Jordan elimination of a positive definite system; the right sides become the solutions. */
    private static void solve(double[][] system, int m) {
        for (int p = 0; p < m; p++) {
            double pivot = Math.max(1e-9, system[p][p]);
            for (int j = p; j < system[p].length; j++) {
                system[p][j] /= pivot;
            }
            for (int i = 0; i < m; i++) {
                double factor = system[i][p];
                for (int j = p; i != p && factor != 0 && j < system[i].length; j++) {
                    system[i][j] -= factor * system[p][j];
                }
            }
        }
    }

    /** Scores of the classes of other images by the fit on all of {@link #rows}: [m, C]. */
    double[] scores(Features features, int... others) {
        double[] weights = fit.weights();
        int d = features.width();
        double[] out = new double[others.length * classes];
        try (NativeScope scope = NativeScope.inference()) {
            Tensor x = features.centred(others).to(ScalarType.Double);
            Tensor w = Tensors.of(weights, d + 1L, classes);
            double[] found = Tensors.doubles(
                    x.matmul(w.narrow(0, 0, d)).add(w.narrow(0, d, 1)).contiguous());
            System.arraycopy(found, 0, out, 0, out.length);
        }
        return out;
    }

    /** The scale of scores that the probabilities come from. */
    double temperature(int... labels) {
        return temperature(
                scores, classes, Arrays.stream(rows).map(i -> labels[i]).toArray());
    }

    /** The same scores with probabilities at the temperature of the least loss on some of the rows: those that are not left out. */
    OutOfSample calibratedWithout(boolean[] leftOut, int... labels) {
        int[] kept = IntStream.range(0, rows.length).filter(r -> !leftOut[r]).toArray();
        double[] of = new double[kept.length * classes];
        for (int k = 0; k < kept.length; k++) {
            System.arraycopy(scores, kept[k] * classes, of, k * classes, classes);
        }
        double temperature = temperature(
                of, classes, Arrays.stream(kept).map(r -> labels[rows[r]]).toArray());
        return new OutOfSample(rows, classes, softmax(scores, classes, temperature), scores, penalty, fit);
    }

    /** Of many images and classes, those of evenly spread images, which is one number from thousands of scores all the same. */
    private static double temperature(double[] scores, int classes, int... own) {
        int some = Math.max(1, FITTED / classes);
        if (own.length <= some) {
            return Temperature.fit(List.of(scores), classes, own);
        }
        int[] chosen = IntStream.range(0, some)
                .map(i -> (int) ((long) i * own.length / some))
                .toArray();
        double[] of = new double[some * classes];
        for (int i = 0; i < some; i++) {
            System.arraycopy(scores, chosen[i] * classes, of, i * classes, classes);
        }
        return Temperature.fit(
                List.of(of), classes, Arrays.stream(chosen).map(i -> own[i]).toArray());
    }

    static double[] softmax(double[] scores, int classes, double temperature) {
        double[] out = new double[scores.length];
        for (int from = 0; from < out.length; from += classes) {
            System.arraycopy(Temperature.probabilities(scores, from, classes, temperature), 0, out, from, classes);
        }
        return out;
    }

    private static double loss(double[] probabilities, int[] labels, int classes) {
        return IntStream.range(0, labels.length)
                .mapToDouble(i -> -Math.log(Math.max(1e-12, probabilities[i * classes + labels[i]])))
                .average()
                .orElse(0);
    }

    /**
     * The weights that the margin of a suspect comes from, its proposed class less its given one, in the fit without it and its twins;
     * the constant last: [D + 1].
     */
    double[] contrast(Features features, int[] groups, int[] labels, LabelErrors.Suspect suspect) {
        int group = groups[suspect.image()];
        int[] places = IntStream.range(0, rows.length)
                .filter(r -> r == suspect.row() || (group >= 0 && groups[rows[r]] == group))
                .toArray();
        int width = features.width() + 1;
        double[] without = new double[places.length * width];
        double[] residuals = new double[places.length * classes];
        try (NativeScope scope = NativeScope.inference()) {
            float[] seen = Tensors.floats(
                    features.centred(Arrays.stream(places).map(r -> rows[r]).toArray()));
            for (int g = 0; g < places.length; g++) {
                for (int j = 0; j < width - 1; j++) {
                    without[g * width + j] = seen[g * (width - 1) + j];
                }
                without[g * width + width - 1] = 1;
                for (int c = 0; c < classes; c++) {
                    residuals[g * classes + c] =
                            (labels[rows[places[g]]] == c ? 1 : 0) - scores[places[g] * classes + c];
                }
            }
        }
        return fit.contrast(suspect.given(), suspect.proposed(), without, residuals);
    }

    /** The probability of a class at a place of {@link #rows}. */
    public double probability(int row, int c) {
        return probabilities[row * classes + c];
    }

    /** The likeliest class at a place of {@link #rows}. */
    public int predicted(int row) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            best = probability(row, c) > probability(row, best) ? c : best;
        }
        return best;
    }
}
