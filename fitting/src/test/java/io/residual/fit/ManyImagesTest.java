package io.residual.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.adapt.Cached;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.Design;
import io.residual.base.Progress;
import io.residual.data.Split;
import io.residual.fixtures.TracedKit;
import io.residual.spectrum.Pca;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fits of many images: coefficients on disk, and strengths that are compared on some images first. */
class ManyImagesTest {
    private static final int D = 12;
    private static final int C = 3;

    @TempDir
    Path temporary;

    @Test
    void coefficientsOnDisk_areThoseInMemory_andGiveTheSameLossAndGradient() throws Exception {
        TracedKit set = TracedKit.unpack("clip-hf", temporary);
        Trace<Split.Train> trace = set.trace(set.a());
        Design design = ComponentDesign.residual(
                set.frame(), Pca.of(trace, trace.shape().ids()), Means.RESTORED);
        Path folder;
        try (NativeScope scope = NativeScope.training();
                SampleSet memory = StoredSamples.of(trace, design, Long.MAX_VALUE);
                SampleSet disk = StoredSamples.of(trace, design, 0)) {
            assertInstanceOf(Samples.class, memory);
            folder = assertInstanceOf(StoredSamples.class, disk).folder();
            assertTrue(Files.exists(folder));
            int[] chosen = {trace.size() - 1, 0, 2};
            assertArrayEquals(
                    Tensors.floats(memory.rows(chosen).coefficients()),
                    Tensors.floats(disk.rows(chosen).coefficients()));
            assertArrayEquals(
                    Tensors.floats(memory.rows(chosen).rest()),
                    Tensors.floats(disk.rows(chosen).rest()));
            float[] lambdas = new float[design.parameters()];
            for (int i = 0; i < lambdas.length; i++) {
                lambdas[i] = (float) (1 + .3 * Math.sin(i));
            }
            Tensor classifier = set.classifier().matrix();
            float[][] gradients = new float[2][];
            double[] losses = new double[2];
            for (int i = 0; i < 2; i++) {
                SampleSet rows = i == 0 ? memory : disk;
                Tensor lambda = Tensors.of(lambdas, lambdas.length).set_requires_grad(true);
                Problem.Loss loss =
                        new SpectralProblem(design, rows, classifier).loss(rows, rows.targets(), List.of(lambda));
                loss.differentiable().backward();
                gradients[i] = Tensors.floats(lambda.grad());
                losses[i] = loss.value();
            }
            assertEquals(losses[0], losses[1], 0); // one block, the same operations
            assertArrayEquals(gradients[0], gradients[1]);
            // Some of them that stay in the file: neighbours and others, in any order.
            int[] order = {2, 3, 0, trace.size() - 1, 1};
            SampleSet stays = ((StoredSamples) disk).view(order);
            assertArrayEquals(Arrays.stream(order).map(i -> trace.labels()[i]).toArray(), stays.labels());
            assertArrayEquals(
                    Tensors.floats(memory.rows(order).coefficients()),
                    Tensors.floats(
                            stays.map((block, from) -> block.coefficients().contiguous())
                                    .get(0)));
            assertArrayEquals(
                    Tensors.floats(memory.rows(order[3], order[1]).rest()),
                    Tensors.floats(stays.rows(3, 1).rest()));
            stays.close();
            assertTrue(Files.exists(folder), "a view deletes the file of the whole");
        }
        assertFalse(Files.exists(folder), "the temporary file stays");
    }

    /** The gradient by autograd, for either of the two ways of summing it: more images than D, and fewer. */
    @Test
    void lossAndGradient_areThoseOfAutograd_inBlocksToo() {
        for (int n : new int[] {D - 4, 5 * D}) {
            try (NativeScope scope = NativeScope.training()) {
                Samples all = classes(n, 3);
                Design design = Designs.output(D);
                Tensor classifier = classifier();
                float[] lambdas = new float[D];
                for (int i = 0; i < D; i++) {
                    lambdas[i] = 1 + i / 10f;
                }
                Tensor byHand = Tensors.of(lambdas, D).set_requires_grad(true);
                Problem problem = new SpectralProblem(design, all, classifier);
                Problem.Loss loss = problem.loss(all, all.targets(), List.of(byHand));
                loss.differentiable().backward();
                Tensor recorded = Tensors.of(lambdas, D).set_requires_grad(true);
                Tensor reference = Ops.crossEntropy(problem.logits(all.data(), List.of(recorded)), all.targets());
                reference.backward();
                // 32-bit sums in another order.
                assertEquals(reference.item_double(), loss.value(), 1e-5 * loss.value(), "loss of " + n);
                assertArrayEquals(
                        Tensors.floats(recorded.grad()), Tensors.floats(byHand.grad()), 1e-5f, "gradient of " + n);
            }
        }
    }

    @Test
    void strengthsComparedOnSome_endAtTheOptimumOfAll() {
        try (NativeScope scope = NativeScope.inference()) {
            Samples train = classes(9_000, 1);
            Samples validation = classes(1_200, 2);
            Problem problem = new SpectralProblem(Designs.output(D), train, classifier());
            Solution staged = new PathFit(AlignmentSettings.PATH, Progress.silent()).solve(problem, train, validation);
            assertNotNull(staged.note());
            assertTrue(staged.note().contains("on 999 and 3,999 of the 9,000 training images"), staged.note());
            double chosen = staged.best().penalty();
            assertTrue(Double.isFinite(chosen), "an adapter is better here than none");
            // Validation has turned, or the list has ended, on either side of what was fitted on all images.
            double[] strengths =
                    staged.curve().stream().mapToDouble(Trainer.Epoch::penalty).toArray();
            assertTrue(Arrays.stream(strengths).anyMatch(s -> s < chosen), "no weaker strength");
            assertTrue(
                    Arrays.stream(strengths).anyMatch(s -> s > chosen && Double.isFinite(s)), "no stronger strength");
            // Directly, at this strength, from where every fit begins.
            Solution direct = new PathFit(new AlignmentSettings.Path(List.of(chosen), 500), Progress.silent())
                    .direct(problem, train, validation);
            // Both stop where a step improves the loss by less than 1e-5 of it.
            assertEquals(
                    objective(problem, direct, chosen),
                    objective(problem, staged, chosen),
                    1e-3 * objective(problem, direct, chosen));
            assertEquals(direct.best().validationAccuracy(), staged.best().validationAccuracy(), .01);
        }
    }

    /** Where nothing can get better, no weaker strength is fitted; a validation split of few images does not say so. */
    @Test
    void path_endsWhereAllOfManyValidationImagesAreRight() {
        try (NativeScope scope = NativeScope.inference()) {
            Samples train = apart(PathFit.MANY);
            Problem problem = new SpectralProblem(Designs.output(D), train, classifier());
            PathFit path = new PathFit(AlignmentSettings.PATH, Progress.silent());
            Solution sure = path.solve(problem, train, apart(1_000));
            assertEquals(1, sure.best().validationAccuracy());
            assertEquals(2, sure.curve().size(), "the unadapted model and one strength");
            assertTrue(path.solve(problem, train, apart(999)).curve().size() > 2);
        }
    }

    @Test
    void someImages_areOfEveryClass_andItsShareOfThem() {
        int[] labels = new int[8_000];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = i < 6_000 ? 0 : i < 7_980 ? 1 + i % 2 : 3;
        }
        int[] some = PathFit.some(PathFit.first(labels), labels);
        assertEquals(some.length, Arrays.stream(some).distinct().count());
        assertEquals(750, Arrays.stream(some).filter(i -> labels[i] == 0).count());
        assertEquals(123, Arrays.stream(some).filter(i -> labels[i] == 1).count()); // 990 of 8,000, of 1,000
        assertEquals(10, Arrays.stream(some).filter(i -> labels[i] == 3).count()); // of 20
        int[] manyClasses = IntStream.range(0, 12_000).map(i -> i % 250).toArray();
        assertEquals(2_500, PathFit.some(PathFit.first(manyClasses), manyClasses).length); // ten of each
        assertEquals(500, PathFit.some(500, manyClasses).length); // two of each
    }

    private static double objective(Problem problem, Solution solution, double strength) {
        List<Tensor> at = List.of(Tensors.of(solution.values().get(0), D));
        return solution.best().trainLoss() + strength / 2 * problem.movement(at).item_double();
    }

    /** Classes that differ along the first directions; noise along the others. */
    private static Samples classes(int n, long seed) {
        Random random = new Random(seed);
        float[] y = new float[n * D];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = i % C;
            for (int j = 0; j < D; j++) {
                y[i * D + j] = (float) ((j == labels[i] ? .9 : 0) + (j < C ? .8 : 1.5) * random.nextGaussian());
            }
        }
        Tensor all = Tensors.of(y, n, D);
        return new Samples(new Cached(all, Tensors.of(new float[n * D], n, D)), labels);
    }

    /** Classes without noise. */
    private static Samples apart(int n) {
        float[] y = new float[n * D];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = i % C;
            y[i * D + labels[i]] = 1;
            y[i * D + C] = i % 2; // something that a fit can remove
        }
        Tensor all = Tensors.of(y, n, D);
        return new Samples(new Cached(all, Tensors.of(new float[n * D], n, D)), labels);
    }

    private static Tensor classifier() {
        float[] t = new float[D * C];
        for (int j = 0; j < C; j++) {
            t[j * C + j] = 5;
        }
        return Tensors.of(t, D, C);
    }

    /** Designs without a tower. */
    private static final class Designs {
        /** The output's own coordinates as components. */
        static Design output(int width) {
            float[] identity = new float[width * width];
            for (int i = 0; i < width; i++) {
                identity[i * width + i] = 1;
            }
            return new io.residual.adapt.OutputDesign(
                    new ComponentDesign.Part(
                            new io.residual.units.UnitShape(1, 1, 1, width).unit(0), width, new float[width], identity),
                    Means.RESTORED);
        }
    }
}
