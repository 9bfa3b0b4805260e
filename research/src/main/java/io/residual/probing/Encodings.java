package io.residual.probing;

import io.residual.base.Progress;
import io.residual.base.RandomOrder;
import io.residual.spectrum.Coordinates;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.units.Trace;
import io.residual.units.UnitId;
import io.residual.units.UnitPoints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The components of every unit of a trace, up to nine tenths of its variance, and what each encodes.
 *
 * @param spectra of all units, in order
 * @param components those of a unit follow one another
 * @param values for each component its coordinates, one an image
 */
record Encodings(List<Spectrum> spectra, List<Component> components, List<double[]> values) {
    private static final double VARIANCE = .9;
    private static final int PERMUTATIONS = 200;

    /** What the components of a trace encode. {@code levels}: of each factor, one an image. */
    static Encodings of(Trace<?> trace, int[][] levels, Progress progress) {
        int images = levels[0].length;
        List<Component> components = new ArrayList<>();
        List<double[]> values = new ArrayList<>();
        List<Spectrum> spectra = Pca.of(trace, trace.shape().ids());
        progress.start("components", spectra.size());
        int done = 0;
        for (Spectrum spectrum : spectra) {
            int kept = spectrum.unit().kind() == UnitId.Kind.EMBEDDING ? 0 : spectrum.kept(VARIANCE);
            if (kept > 0) {
                UnitPoints points = UnitPoints.of(trace, spectrum.unit());
                double[] rows = Coordinates.along(points, trace.frame(), spectrum, 0, kept);
                for (int k = 0; k < kept; k++) {
                    double[] column = new double[images];
                    for (int i = 0; i < images; i++) {
                        column[i] = rows[i * kept + k];
                    }
                    values.add(column);
                    components.add(new Component(
                            spectrum.unit(),
                            k,
                            spectrum.eigenvalues()[k] / spectrum.totalVariance(),
                            Component.strengths(column, levels)));
                }
            }
            progress.at(++done);
        }
        progress.finish();
        return new Encodings(spectra, components, values);
    }

    /** The largest ε² of any component and factor that shuffled images reach in 95 of 100 cases. */
    double chance(int[][] levels, long seed, Progress progress) {
        int[] done = new int[1];
        progress.start("chance level", PERMUTATIONS);
        double chance = Permutation.percentile(.95, PERMUTATIONS, seed, random -> {
            int[] order = RandomOrder.of(levels[0].length, random);
            int[][] dealt = Arrays.stream(levels)
                    .map(row -> Arrays.stream(order).map(i -> row[i]).toArray())
                    .toArray(int[][]::new);
            double largest = 0;
            for (double[] column : values) {
                for (double strength : Component.strengths(column, dealt)) {
                    largest = Math.max(largest, strength);
                }
            }
            progress.at(++done[0]);
            return largest;
        });
        progress.finish();
        return chance;
    }
}
