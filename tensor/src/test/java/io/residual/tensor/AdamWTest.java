package io.residual.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class AdamWTest {
    /** An epsilon that is not small, so that a wrong place of it shows. */
    private static final AdamW.Settings SETTINGS = new AdamW.Settings(.9, .98, 1e-3, .1);

    private static final double[] MATRIX = {1, -2, .5, 3, -.25, 0};
    private static final double[] VECTOR = {2, -1, .125};
    private static final double[] MATRIX_CURVATURE = {1, .5, 4, .01, 2, 1};
    private static final double[] VECTOR_CURVATURE = {3, .25, 1};

    /** Ten doubles' roundings of numbers of about 1 in each of a few steps. */
    private static final double TOLERANCE = 1e-13;

    @Test
    void steps_areThePublishedUpdate() {
        Reference matrix = new Reference(MATRIX, MATRIX_CURVATURE, SETTINGS.weightDecay());
        // A vector is a bias or a norm's scale, which decay would only pull out of place.
        Reference vector = new Reference(VECTOR, VECTOR_CURVATURE, 0);
        try (Problem problem = new Problem();
                AdamW optimiser = new AdamW(problem.parameters(), SETTINGS)) {
            for (int step = 1; step <= 8; step++) {
                double rate = .1 / step;
                problem.backward();
                optimiser.step(rate);
                matrix.step(rate);
                vector.step(rate);
                assertEquals(step, optimiser.steps());
                assertArrayEquals(matrix.values, Tensors.doubles(problem.matrix), TOLERANCE);
                assertArrayEquals(vector.values, Tensors.doubles(problem.vector), TOLERANCE);
                assertArrayEquals(
                        matrix.means, Tensors.doubles(optimiser.means().get(0)), TOLERANCE);
                assertArrayEquals(
                        vector.squares, Tensors.doubles(optimiser.squares().get(1)), TOLERANCE);
            }
        }
    }

    @Test
    void theFirstStep_movesByTheRateWhateverTheGradient() {
        // With bias correction the first update is rate · g / (|g| + ε).
        try (Problem problem = new Problem();
                AdamW optimiser = new AdamW(problem.parameters(), AdamW.Settings.PLAIN)) {
            problem.backward();
            optimiser.step(.01);
            // ε = 1e-8 against gradients of at least 0.03 changes the move by less than 1e-6 of itself.
            assertArrayEquals(new double[] {.99, -1.99, .49, 2.99, -.24, 0}, Tensors.doubles(problem.matrix), 1e-8);
        }
    }

    @Test
    void aParameterWithoutAGradient_staysWhereItIs() {
        try (Problem problem = new Problem();
                Tensor unused = leaf(new double[] {5, 6}, 1, 2)) {
            List<Tensor> parameters = new ArrayList<>(problem.parameters());
            parameters.add(unused);
            try (AdamW optimiser = new AdamW(parameters, SETTINGS)) {
                problem.backward();
                optimiser.step(.1);
                assertArrayEquals(new double[] {5, 6}, Tensors.doubles(unused));
                assertArrayEquals(
                        new double[] {0, 0}, Tensors.doubles(optimiser.means().get(2)));
            }
        }
    }

    @Test
    void step_forgetsTheGradients() {
        try (Problem problem = new Problem();
                AdamW optimiser = new AdamW(problem.parameters(), SETTINGS)) {
            problem.backward();
            optimiser.step(.1);
            try (NativeScope scope = NativeScope.inference()) {
                assertEquals(0, Ops.maxAbs(problem.matrix.grad()));
                assertEquals(0, Ops.maxAbs(problem.vector.grad()));
            }
        }
    }

    @Test
    void resumeAt_withCopiedState_goesOnAsIfUninterrupted() {
        try (Problem whole = new Problem();
                AdamW undisturbed = new AdamW(whole.parameters(), SETTINGS);
                Problem first = new Problem();
                AdamW before = new AdamW(first.parameters(), SETTINGS);
                Problem second = new Problem();
                AdamW after = new AdamW(second.parameters(), SETTINGS)) {
            run(whole, undisturbed, 7);
            run(first, before, 3);
            try (NativeScope scope = NativeScope.inference()) {
                for (int i = 0; i < 2; i++) {
                    second.parameters().get(i).copy_(first.parameters().get(i));
                    after.means().get(i).copy_(before.means().get(i));
                    after.squares().get(i).copy_(before.squares().get(i));
                }
            }
            after.resumeAt(before.steps());
            run(second, after, 4);
            assertEquals(7, after.steps());
            // Exactly: a resumed run has to give the same file.
            assertArrayEquals(Tensors.doubles(whole.matrix), Tensors.doubles(second.matrix));
            assertArrayEquals(Tensors.doubles(whole.vector), Tensors.doubles(second.vector));
        }
    }

    private static void run(Problem problem, AdamW optimiser, int steps) {
        for (int i = 0; i < steps; i++) {
            problem.backward();
            optimiser.step(.05);
        }
    }

    private static Tensor leaf(double[] values, long... shape) {
        return Tensors.of(values, shape).set_requires_grad(true);
    }

    /** Two parameters and the loss Σ c p² / 2, whose gradient is c p. */
    private static final class Problem implements AutoCloseable {
        private final Tensor matrix = leaf(MATRIX, 2, 3);
        private final Tensor vector = leaf(VECTOR, 3);

        List<Tensor> parameters() {
            return List.of(matrix, vector);
        }

        void backward() {
            try (NativeScope scope = NativeScope.training()) {
                Tensor ofMatrix = matrix.mul(matrix).mul(Tensors.of(MATRIX_CURVATURE, 2, 3));
                Tensor ofVector = vector.mul(vector).mul(Tensors.of(VECTOR_CURVATURE, 3));
                Ops.scale(ofMatrix.sum().add(ofVector.sum()), .5).backward();
            }
        }

        @Override
        public void close() {
            matrix.close();
            vector.close();
        }
    }

    /** Loshchilov and Hutter 2019, algorithm 2, with the decay scaled by the rate as PyTorch does. */
    private static final class Reference {
        private final double[] values;
        private final double[] curvature;
        private final double decay;
        private final double[] means;
        private final double[] squares;
        private int steps;

        Reference(double[] values, double[] curvature, double decay) {
            this.values = values.clone();
            this.curvature = curvature;
            this.decay = decay;
            means = new double[values.length];
            squares = new double[values.length];
        }

        void step(double rate) {
            steps++;
            for (int i = 0; i < values.length; i++) {
                double gradient = curvature[i] * values[i];
                values[i] -= rate * decay * values[i];
                means[i] = SETTINGS.beta1() * means[i] + (1 - SETTINGS.beta1()) * gradient;
                squares[i] = SETTINGS.beta2() * squares[i] + (1 - SETTINGS.beta2()) * gradient * gradient;
                double mean = means[i] / (1 - Math.pow(SETTINGS.beta1(), steps));
                double square = squares[i] / (1 - Math.pow(SETTINGS.beta2(), steps));
                values[i] -= rate * mean / (Math.sqrt(square) + SETTINGS.epsilon());
            }
        }
    }
}
