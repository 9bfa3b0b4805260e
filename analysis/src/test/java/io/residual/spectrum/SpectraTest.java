package io.residual.spectrum;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.data.Split;
import io.residual.fixtures.MadeUpTrace;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.units.UnitPoints;
import io.residual.units.UnitShape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Statistics, components and figures of units against their definitions in the shared space, and at the edges. */
class SpectraTest {
    private static final UnitShape SHAPE = new UnitShape(2, 3, 4, 10);
    private static final UnitId HEAD = new UnitId(UnitId.Kind.HEAD, 1, 2);
    private static final UnitId MLP = new UnitId(UnitId.Kind.MLP, 1, 0);

    private static TraceStatistics statistics(Trace<?> trace) {
        TraceStatistics statistics = new TraceStatistics();
        trace.blocks().forEach(statistics::add);
        return statistics;
    }

    /** Sums of 64-bit floats in another order: 1e-12 of the largest; the promise is 1e-6. */
    private static void assertClose(double[] expected, double[] actual, double relative) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        assertArrayEquals(expected, actual, Math.max(largest, 1e-300) * relative);
    }

    @Test
    void statistics_ofTwoHalves_mergeToTheWhole() {
        UnitFrame frame = MadeUpTrace.frame(SHAPE, 1);
        TraceBlock whole = MadeUpTrace.block(frame, 101, 3, 2);
        for (int cut : new int[] {1, 50, 100}) {
            TraceStatistics first = new TraceStatistics().add(whole.slice(0, cut));
            TraceStatistics second = new TraceStatistics().add(whole.slice(cut, 101));
            TraceStatistics merged = second.add(first); // in the other order
            TraceStatistics atOnce = new TraceStatistics().add(whole);
            for (UnitId unit : SHAPE.ids()) {
                assertEquals(101, merged.of(unit).count());
                assertClose(atOnce.of(unit).mean(), merged.of(unit).mean(), 1e-12);
                assertClose(atOnce.of(unit).scatter(), merged.of(unit).scatter(), 1e-12);
                Spectrum a = Pca.of(atOnce.of(unit), frame);
                Spectrum b = Pca.of(merged.of(unit), frame);
                assertClose(a.eigenvalues(), b.eigenvalues(), 1e-9);
                assertEquals(1, SpectralSimilarity.of(a, b, .9), 1e-6);
            }
        }
    }

    /** By definition: covariance of the images in the shared space, divisor n − 1; C φ = e φ; rows orthonormal. */
    @ParameterizedTest
    @ValueSource(ints = {4, 60})
    void components_areEigenvectorsOfTheCovarianceInTheSharedSpace(int images) {
        Trace<Split> trace = MadeUpTrace.trace(SHAPE, images, 2, 3);
        int d = SHAPE.sharedWidth();
        for (UnitId unit : SHAPE.ids()) {
            double[][] rows = MadeUpTrace.unit(trace, unit);
            double[] mean = new double[d];
            for (double[] row : rows) {
                for (int j = 0; j < d; j++) {
                    mean[j] += row[j] / images;
                }
            }
            double[][] covariance = new double[d][d];
            for (double[] row : rows) {
                for (int i = 0; i < d; i++) {
                    for (int j = 0; j < d; j++) {
                        covariance[i][j] += (row[i] - mean[i]) * (row[j] - mean[j]) / (images - 1);
                    }
                }
            }
            Spectrum s = Pca.of(statistics(trace).of(unit), trace.frame());
            assertEquals(Math.min(images - 1, unit.kind() == UnitId.Kind.HEAD ? 6 : d), s.rank());
            assertClose(mean, s.mean(), 1e-5); // the rows themselves are 32-bit
            double trail = 0;
            for (int i = 0; i < d; i++) {
                trail += covariance[i][i];
            }
            assertEquals(trail, s.totalVariance(), trail * 1e-5);
            for (int k = 0; k < s.rank(); k++) {
                double[] phi = Arrays.copyOfRange(s.components(), k * d, (k + 1) * d);
                double[] image = new double[d];
                double square = 0;
                for (int i = 0; i < d; i++) {
                    square += phi[i] * phi[i];
                    for (int j = 0; j < d; j++) {
                        image[i] += covariance[i][j] * phi[j];
                    }
                }
                assertEquals(1, square, 1e-9);
                double value = s.eigenvalues()[k];
                double[] expected = Arrays.stream(phi).map(p -> p * value).toArray();
                assertArrayEquals(expected, image, s.eigenvalues()[0] * 1e-5);
                assertTrue(k == 0 || value <= s.eigenvalues()[k - 1]);
            }
        }
    }

    @Test
    void coordinates_areThoseOfTheUnitInTheSharedSpace() {
        Trace<Split> trace = MadeUpTrace.trace(SHAPE, 40, 2, 5);
        for (UnitId unit : List.of(HEAD, MLP)) {
            Spectrum s = Pca.of(statistics(trace).of(unit), trace.frame());
            double[] along = Coordinates.along(UnitPoints.of(trace, unit), trace.frame(), s, 1, 2);
            double[][] rows = MadeUpTrace.unit(trace, unit);
            int d = SHAPE.sharedWidth();
            for (int i = 0; i < rows.length; i++) {
                for (int k = 0; k < 2; k++) {
                    double expected = 0;
                    for (int j = 0; j < d; j++) {
                        expected += s.components()[(1 + k) * d + j] * (rows[i][j] - s.mean()[j]);
                    }
                    assertEquals(expected, along[i * 2 + k], 1e-5);
                }
            }
            int rank = s.rank();
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Coordinates.along(UnitPoints.of(trace, unit), trace.frame(), s, rank, 1));
        }
    }

    private static Trace<Split> constant() {
        UnitFrame frame = MadeUpTrace.frame(SHAPE, 1);
        int n = 12;
        float[] heads = new float[n * SHAPE.allHeads() * SHAPE.headWidth()];
        float[] norm = new float[n * 2];
        float[] projected = new float[n * (1 + SHAPE.layers()) * SHAPE.sharedWidth()];
        Arrays.fill(heads, .7f);
        Arrays.fill(norm, .1f);
        Arrays.fill(projected, -.3f);
        return MadeUpTrace.trace(frame, MadeUpTrace.block(frame, heads, norm, projected, n, 2));
    }

    @Test
    void constantUnit_hasNoComponentsAndNoNaN() {
        Trace<Split> trace = constant();
        for (Spectrum s : statistics(trace).spectra(trace.frame())) {
            assertEquals(0, s.rank());
            assertEquals(0, s.kept(.9));
            assertEquals(0, s.firstShare());
            assertEquals(0, s.participationRatio());
            assertEquals(0, s.totalVariance());
            assertTrue(Arrays.stream(s.mean()).allMatch(Double::isFinite));
            assertTrue(Double.isNaN(TwoNn.dimension(UnitPoints.of(trace, s.unit()), trace.frame())));
            assertTrue(Double.isNaN(SpectralSimilarity.of(s, s, .9)));
        }
    }

    @Test
    void oneImage_hasNoComponents() {
        UnitFrame frame = MadeUpTrace.frame(SHAPE, 1);
        Trace<Split> trace = MadeUpTrace.trace(frame, MadeUpTrace.block(frame, 1, 1, 2));
        assertTrue(statistics(trace).spectra(frame).stream().allMatch(s -> s.rank() == 0));
    }

    @Test
    void valuesThatAreNotFinite_areRefused() {
        UnitFrame frame = MadeUpTrace.frame(SHAPE, 1);
        TraceBlock block = MadeUpTrace.block(frame, 5, 1, 2);
        block.heads()[7] = Float.NaN;
        TraceStatistics statistics = new TraceStatistics().add(block);
        InputException e = assertThrows(InputException.class, () -> statistics.spectra(frame));
        assertTrue(String.valueOf(e.getMessage()).contains("not finite"));
    }

    private static Spectrum spectrum(double... eigenvalues) {
        int d = 4;
        double[] components = new double[eigenvalues.length * d];
        for (int k = 0; k < eigenvalues.length; k++) {
            components[k * d + k] = 1;
        }
        return new Spectrum(MLP, 9, new double[d], eigenvalues, components);
    }

    /** By definition: the first count whose share exceeds the threshold. */
    @ParameterizedTest
    @CsvSource({"0, 1", ".49, 1", ".5, 2", ".74, 2", ".75, 3", ".99, 4", "1, 4"})
    void kept_atThresholds(double threshold, int expected) {
        assertEquals(expected, spectrum(4, 2, 1, 1).kept(threshold));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-.1, 1.1, Double.NaN, Double.POSITIVE_INFINITY})
    void kept_thresholdThatIsNoShare_isRefused(double threshold) {
        assertThrows(InputException.class, () -> spectrum(1).kept(threshold));
    }

    @Test
    void figures_byHand() {
        assertEquals(.5, spectrum(4, 2, 1, 1).firstShare());
        assertEquals(64 / 22.0, spectrum(4, 2, 1, 1).participationRatio(), 1e-12);
    }

    /** Two axes swapped: |cosines| pair 2 with 1 and 1 with 2, so (2·1)² + (1·2)² over (2·2)² + (1·1)². */
    @Test
    void similarity_byHand() {
        double[] swapped = {0, 1, 0, 0, 1, 0, 0, 0};
        Spectrum a = spectrum(2, 1);
        Spectrum b = new Spectrum(MLP, 9, new double[4], new double[] {2, 1}, swapped);
        assertEquals(Math.sqrt(8 / 17.0), SpectralSimilarity.of(a, b, 1), 1e-12);
        assertEquals(1, SpectralSimilarity.of(a, a, 1), 1e-12);
        double[] apart = {0, 0, 1, 0, 0, 0, 0, 1};
        Spectrum c = new Spectrum(MLP, 9, new double[4], new double[] {2, 1}, apart);
        assertEquals(0, SpectralSimilarity.of(a, c, 1), 1e-12);
    }

    /** Points drawn evenly in a cube of {@code m} dimensions, turned into ten. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void twoNn_ofEvenClouds_isTheirDimension(int m) {
        int n = 2000;
        double[] points = new double[n * 10];
        java.util.Random random = new java.util.Random(m);
        double[][] axes = new double[m][10];
        for (double[] axis : axes) {
            Arrays.setAll(axis, i -> random.nextGaussian());
        }
        for (int i = 0; i < n; i++) {
            for (double[] axis : axes) {
                double at = random.nextDouble();
                for (int j = 0; j < 10; j++) {
                    points[i * 10 + j] += at * axis[j];
                }
            }
        }
        try (NativeScope scope = NativeScope.inference()) {
            // The estimate's error is about m/√n, and skewed axes and edges lower it a little more.
            assertEquals(m, TwoNn.dimension(Tensors.of(points, n, 10)), .12 * m);
        }
    }

    /** The definition without blocks, candidates or products: every distance, sorted. */
    @ParameterizedTest
    @ValueSource(ints = {300, 1200}) // in 64 bits, and by candidates from 32-bit products
    void twoNn_equalsTheDefinition_alsoWithDuplicates(int n) {
        int m = 3;
        double[] points = new double[n * m];
        java.util.Random random = new java.util.Random(4);
        Arrays.setAll(points, i -> random.nextGaussian());
        System.arraycopy(points, 0, points, 30 * m, 20 * m); // twenty images twice
        for (int copy = 100; copy < 112; copy++) { // and one twelve times
            System.arraycopy(points, 0, points, copy * m, m);
        }
        double[] ratios = new double[n];
        int count = 0;
        for (int i = 0; i < n; i++) {
            double[] distances = new double[n];
            for (int j = 0; j < n; j++) {
                double square = 0;
                for (int k = 0; k < m; k++) {
                    square += Math.pow(points[i * m + k] - points[j * m + k], 2);
                }
                distances[j] = Math.sqrt(square);
            }
            Arrays.sort(distances);
            if (distances[1] > 0 && distances[1] != distances[2]) {
                ratios[count++] = distances[2] / distances[1];
            }
        }
        double expected = TwoNn.slope(Arrays.copyOf(ratios, count));
        try (NativeScope scope = NativeScope.inference()) {
            assertEquals(expected, TwoNn.dimension(Tensors.of(points, n, m)), 1e-9);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void twoNn_ofFewPoints_isANumberOrSaysItIsNone(int n) {
        double[] points = new double[n * 2];
        Arrays.setAll(points, i -> Math.sin(i * 7.0));
        try (NativeScope scope = NativeScope.inference()) {
            double dimension = TwoNn.dimension(Tensors.of(points, n, 2));
            assertTrue(n < 3 ? Double.isNaN(dimension) : dimension > 0 || Double.isNaN(dimension));
        }
    }

    @Test
    void extremes_areTheOutermostImages() {
        Trace<Split> trace = MadeUpTrace.trace(SHAPE, 50, 2, 8);
        Spectrum s = Pca.of(statistics(trace).of(HEAD), trace.frame());
        UnitPoints points = UnitPoints.of(trace, HEAD);
        List<String> names =
                trace.blocks().stream().flatMap(b -> b.names().stream()).toList();
        Extremes ends = Extremes.of(points, trace.frame(), names, s, 0, 3);
        double[] along = Coordinates.along(points, trace.frame(), s, 0, 1);
        double[] sorted = along.clone();
        Arrays.sort(sorted);
        double deviation = Math.sqrt(s.eigenvalues()[0]);
        assertEquals(sorted[0] / deviation, ends.lowest().get(0).coordinate(), 1e-9);
        assertEquals(sorted[49] / deviation, ends.highest().get(0).coordinate(), 1e-9);
        assertEquals(sorted[47] / deviation, ends.highest().get(2).coordinate(), 1e-9);
        assertEquals(
                50, Extremes.of(points, trace.frame(), names, s, 0, 99).lowest().size());
    }
}
