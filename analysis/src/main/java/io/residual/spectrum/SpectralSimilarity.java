package io.residual.spectrum;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * The similarity of two spectra: the normalised spectral cosine (Basile et al. 2025, section 3). Components are matched
 * greedily by |cosine| weighted with both eigenvalues, each used once; the result is the norm of the matched values
 * over the norm of the eigenvalues' products, 1 for equal spectra and 0 for orthogonal ones.
 */
public final class SpectralSimilarity {
    private SpectralSimilarity() {}

    /**
     * The similarity of the leading components of two spectra.
     *
     * @param variance share of each spectrum's variance that is compared; 0.9 in the paper
     * @return NaN if one of the units is constant
     */
    public static double of(Spectrum a, Spectrum b, double variance) {
        return of(a, a.kept(variance), b, b.kept(variance));
    }

    private static double of(Spectrum a, int rows, Spectrum b, int columns) {
        int d = a.mean().length;
        if (b.mean().length != d) {
            throw new IllegalArgumentException("spectra in " + d + " and " + b.mean().length + " dimensions");
        }
        int matched = Math.min(rows, columns);
        if (matched == 0) {
            return Double.NaN;
        }
        double[] cosines;
        try (NativeScope scope = NativeScope.inference()) {
            cosines =
                    Tensors.doubles(leading(a, rows).matmul(leading(b, columns).t())); // [rows, columns]
        }
        double[][] weighted = new double[rows][columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                weighted[i][j] = Math.abs(cosines[i * columns + j]) * a.eigenvalues()[i] * b.eigenvalues()[j];
            }
        }
        double norm = 0;
        for (int i = 0; i < matched; i++) {
            norm += Math.pow(a.eigenvalues()[i] * b.eigenvalues()[i], 2);
        }
        boolean[] rowUsed = new boolean[rows];
        boolean[] columnUsed = new boolean[columns];
        double sum = 0;
        for (int step = 0; step < matched; step++) {
            int bestRow = -1;
            int bestColumn = -1;
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns && !rowUsed[i]; j++) {
                    if (!columnUsed[j] && (bestRow < 0 || weighted[i][j] > weighted[bestRow][bestColumn])) {
                        bestRow = i;
                        bestColumn = j;
                    }
                }
            }
            rowUsed[bestRow] = true;
            columnUsed[bestColumn] = true;
            sum += weighted[bestRow][bestColumn] * weighted[bestRow][bestColumn];
        }
        return Math.sqrt(sum / norm);
    }

    /** The leading components, [k, D]. */
    private static Tensor leading(Spectrum spectrum, int k) {
        int d = spectrum.mean().length;
        return Tensors.of(Arrays.copyOf(spectrum.components(), k * d), k, d);
    }
}
