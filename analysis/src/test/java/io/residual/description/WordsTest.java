package io.residual.description;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.data.Split;
import io.residual.fixtures.MadeUpTrace;
import io.residual.spectrum.UnitStatistics;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.units.UnitPoints;
import io.residual.units.UnitShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Words for units that are made so that the right words are known. */
class WordsTest {
    private static final UnitShape SHAPE = new UnitShape(1, 1, 3, 6);
    private static final UnitId MLP = new UnitId(UnitId.Kind.MLP, 0, 0);

    @TempDir
    Path temporary;

    /** Texts along the axes of the shared space, some askew, one twice. */
    private static Dictionary dictionary() {
        float[][] rows = {
            {2, 0, 0, 0, 0, 0},
            {0, 3, 0, 0, 0, 0},
            {0, 0, 1, 0, 0, 0},
            {1, 1, 0, 0, 0, 0},
            {0, 3, 0, 0, 0, 0},
            {0, 0, 0, 0, 0, 5}
        };
        float[] flat = new float[36];
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            System.arraycopy(rows[i], 0, flat, i * 6, 6);
            texts.add("text " + i);
        }
        return Dictionary.of(texts, flat);
    }

    /** An MLP whose images vary by 3 along the second axis, 2 along the first and a little along the third. */
    private static Trace<Split> trace() {
        UnitFrame frame = MadeUpTrace.frame(SHAPE, 1);
        int n = 400;
        Random random = new Random(2);
        float[] projected = new float[n * 2 * 6];
        for (int i = 0; i < n; i++) {
            int mlp = (i * 2 + 1) * 6;
            projected[mlp] = (float) (2 * random.nextGaussian() + .5);
            projected[mlp + 1] = (float) (3 * random.nextGaussian());
            projected[mlp + 2] = (float) (.2 * random.nextGaussian());
        }
        return MadeUpTrace.trace(frame, MadeUpTrace.block(frame, new float[n * 3], new float[n * 2], projected, n, 2));
    }

    private static UnitStatistics statistics(Trace<?> trace, UnitId unit) {
        try (NativeScope scope = NativeScope.inference()) {
            return UnitStatistics.of(unit, UnitPoints.of(trace, unit).coordinates());
        }
    }

    @Test
    void textSpan_takesTheWidestDirectionFirst() {
        Trace<Split> trace = trace();
        Description found = TextSpan.of(statistics(trace, MLP), trace.frame(), dictionary(), 9, 6);
        assertArrayEquals(new int[] {1, 0, 2}, found.indices()); // and then nothing is left, though nine were asked for
        assertEquals(3, found.terms().get(0).weight(), .3);
        assertEquals(1, found.terms().get(2).explained(), 1e-9);
        assertEquals(9 / 13.04, found.terms().get(0).explained(), .05);
    }

    @Test
    void ofImages_explainsTheSameVarianceAndSkipsTheRepeatedText() {
        Trace<Split> trace = trace();
        Description found = MatchingPursuit.ofImages(UnitPoints.of(trace, MLP), trace.frame(), dictionary(), 9);
        assertEquals(1, found.terms().get(found.terms().size() - 1).explained(), 1e-9);
        assertTrue(found.terms().stream().noneMatch(t -> t.index() == 4), "a text that is there twice");
        found.terms().forEach(t -> assertEquals(t.explained(), t.variance(), 1e-9));
    }

    /** 3 of the second axis minus 2 of the first is a combination of two texts, found by both. */
    @Test
    void ofDirection_findsTheCombinationAndItsSigns() {
        Trace<Split> trace = trace();
        double length = Math.sqrt(13);
        double[] signal = {-2 / length, 3 / length, 0, 0, 0, 0};
        Description found = MatchingPursuit.ofDirection(signal, statistics(trace, MLP), trace.frame(), dictionary(), 2);
        assertArrayEquals(new int[] {1, 0}, found.indices());
        assertEquals(3 / length, found.terms().get(0).weight(), 1e-9);
        assertEquals(-2 / length, found.terms().get(1).weight(), 1e-9);
        assertEquals(9 / 13.0, found.terms().get(0).explained(), 1e-9);
        assertEquals(1, found.terms().get(1).explained(), 1e-9);
        // Of the images' variance, text 1 explains what lies along the second axis.
        assertEquals(9 / 13.04, found.terms().get(0).variance(), .05);
    }

    /**
     * Every image in the shared space, and nothing of coordinates: the definition. Of a head, and of an MLP with fewer images than
     * dimensions.
     */
    @ParameterizedTest
    @CsvSource({"HEAD, 60, 6", "MLP, 60, 6", "HEAD, 7, 30", "MLP, 7, 30", "MLP, 11, 30", "MLP, 12, 30"})
    void texts_equalTheDefinitionInTheSharedSpace(UnitId.Kind kind, int images, int d) {
        Trace<Split> trace = MadeUpTrace.trace(new UnitShape(1, 1, 3, d), images, 2, 7);
        UnitId unit = new UnitId(kind, 0, 0);
        float[] directions = new float[9 * d];
        Random random = new Random(5);
        for (int i = 0; i < directions.length; i++) {
            directions[i] = (float) random.nextGaussian();
        }
        Dictionary dictionary =
                Dictionary.of(IntStream.range(0, 9).mapToObj(i -> "text " + i).toList(), directions);
        double[][] rows = MadeUpTrace.unit(trace, unit);
        double[] mean = new double[d];
        for (double[] row : rows) {
            for (int j = 0; j < d; j++) {
                mean[j] += row[j] / rows.length;
            }
        }
        double total = 0;
        double[] scores = new double[9];
        double[] squares = new double[9];
        for (double[] row : rows) {
            for (int t = 0; t < 9; t++) {
                double along = 0;
                for (int j = 0; j < d; j++) {
                    along += (row[j] - mean[j]) * dictionary.directions()[t * d + j];
                    total += t == 0 ? Math.pow(row[j] - mean[j], 2) : 0;
                }
                scores[t] += Math.abs(along);
                squares[t] += along * along;
            }
        }
        int best = 0;
        int widest = 0;
        for (int t = 1; t < 9; t++) {
            best = scores[t] > scores[best] ? t : best;
            widest = squares[t] > squares[widest] ? t : widest;
        }
        Description.Term first = MatchingPursuit.ofImages(UnitPoints.of(trace, unit), trace.frame(), dictionary, 3)
                .terms()
                .get(0);
        assertEquals(best, first.index());
        assertEquals(squares[best] / total, first.explained(), 1e-5);
        assertEquals(squares[best] / total, first.variance(), 1e-5);
        Description.Term span = TextSpan.of(statistics(trace, unit), trace.frame(), dictionary, 1, d)
                .terms()
                .get(0);
        assertEquals(widest, span.index()); // all of the span: projecting on it changes no product with an image
        assertEquals(Math.sqrt(squares[widest] / (images - 1)), span.weight(), span.weight() * 1e-5);
    }

    /** Least squares of the images on the three chosen texts leaves what no description of these texts could explain. */
    @ParameterizedTest
    @CsvSource({"HEAD, 60, 6", "MLP, 7, 30"})
    void theTextsOfImages_explainWhatLeastSquaresDoes(UnitId.Kind kind, int images, int d) {
        Trace<Split> trace = MadeUpTrace.trace(new UnitShape(1, 1, 3, d), images, 2, 8);
        UnitId unit = new UnitId(kind, 0, 0);
        float[] directions = new float[9 * d];
        Random random = new Random(6);
        for (int i = 0; i < directions.length; i++) {
            directions[i] = (float) random.nextGaussian();
        }
        Dictionary dictionary =
                Dictionary.of(IntStream.range(0, 9).mapToObj(i -> "text " + i).toList(), directions);
        Description found = MatchingPursuit.ofImages(UnitPoints.of(trace, unit), trace.frame(), dictionary, 3);
        try (NativeScope scope = NativeScope.inference()) {
            double[][] rows = MadeUpTrace.unit(trace, unit);
            Tensor x = Tensors.of(
                    Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray(), images, d);
            Tensor centred = x.sub(Ops.mean(x, 0));
            double[] chosen = Arrays.stream(found.indices())
                    .mapToObj(i -> Arrays.copyOfRange(dictionary.directions(), i * d, (i + 1) * d))
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
            Tensor atoms = Tensors.of(chosen, 3, d);
            Tensor fit = torch.linalg_solve(atoms.matmul(atoms.t()), atoms.matmul(centred.t())); // [3, n]
            double left = centred.sub(fit.t().matmul(atoms)).square().sum().item_double();
            double total = centred.square().sum().item_double();
            assertEquals(1 - left / total, found.terms().get(2).explained(), 1e-5);
            double[] weights = Tensors.doubles(Ops.mean(fit.abs(), 1));
            for (int k = 0; k < 3; k++) {
                assertEquals(weights[k], found.terms().get(k).weight(), 1e-5 * weights[k]);
            }
        }
    }

    /** Both ends at once are the farthest along a direction and along its opposite. */
    @Test
    void ends_areTheFarthestAlongADirectionAndItsOpposite() {
        NearestTexts nearest = new NearestTexts(dictionary());
        double[] direction = {1, -2, .5, 0, 0, 0};
        double[] opposite = Arrays.stream(direction).map(v -> -v).toArray();
        NearestTexts.Ends ends = nearest.ends(direction, 3);
        assertEquals(List.of("text 0", "text 2", "text 5"), ends.towards());
        assertEquals(nearest.along(direction, 3), ends.towards());
        assertEquals(nearest.along(opposite, 3), ends.away());
    }

    @Test
    void constantUnit_hasNoWords() {
        UnitFrame frame = MadeUpTrace.frame(SHAPE, 1);
        TraceBlock block = MadeUpTrace.block(frame, new float[15], new float[10], new float[60], 5, 1);
        Trace<Split> trace = MadeUpTrace.trace(frame, block);
        assertEquals(
                List.of(),
                TextSpan.of(statistics(trace, MLP), frame, dictionary(), 3, 6).terms());
        assertEquals(
                List.of(),
                MatchingPursuit.ofImages(UnitPoints.of(trace, MLP), frame, dictionary(), 3)
                        .terms());
        assertEquals(
                List.of(),
                MatchingPursuit.ofDirection(new double[6], statistics(trace, MLP), frame, dictionary(), 3)
                        .terms());
    }

    @Test
    void textsOf_leavesOutRepeatsEmptyLinesAndComments() throws IOException {
        Path file =
                Files.writeString(temporary.resolve("d.txt"), "# theme\na dog\n\n  a dog  \n\t\na cat\r\n#x\na dog");
        assertEquals(List.of("a dog", "a cat"), Dictionary.textsOf(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "# only a theme\n   \n"})
    void textsOf_nothing_isRefused(String content) throws IOException {
        Path file = Files.writeString(temporary.resolve("d.txt"), content);
        InputException e = assertThrows(InputException.class, () -> Dictionary.textsOf(file));
        assertTrue(String.valueOf(e.getMessage()).contains(file.toString()));
    }

    @ParameterizedTest
    @ValueSource(floats = {0, Float.NaN, Float.POSITIVE_INFINITY})
    void of_textWithoutDirection_isRefusedByName(float value) {
        InputException e = assertThrows(
                InputException.class, () -> Dictionary.of(List.of("fine", "wrong"), new float[] {1, 0, value, value}));
        assertTrue(String.valueOf(e.getMessage()).contains("'wrong'"));
    }

    @Test
    void shippedTexts_areManyAndDistinct() {
        List<String> texts = Dictionary.shippedTexts();
        assertTrue(texts.size() >= 1500);
        assertEquals(texts.size(), texts.stream().distinct().count());
        assertTrue(texts.stream().noneMatch(t -> t.matches(".*\\ba [aeio].*") || t.contains("one dots")), "articles");
    }
}
