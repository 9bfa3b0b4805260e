package io.residual.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.adapt.Cached;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.Design;
import io.residual.adapt.Method;
import io.residual.adapt.OutputDesign;
import io.residual.base.Progress;
import io.residual.fit.Trainer.Epoch;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/**
 * The default fit on a planted problem whose optima are known (golden/make_penalty.py): training images hardly vary in one
 * direction, and there with their labels; other images vary in it without regard to labels.
 */
class PenaltyTest {
    private static final int D = 6;
    private static final int C = 3;
    private static final int ITERATIONS = 200;

    private static final JsonNode GOLDEN = golden();

    private static JsonNode golden() {
        try (InputStream in = Objects.requireNonNull(
                PenaltyTest.class.getResourceAsStream("/alignment/penalty.json"), "penalty.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static float[] floats(JsonNode values) {
        float[] out = new float[values.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = values.get(i).floatValue();
        }
        return out;
    }

    private static int[] labels(String set) {
        JsonNode values = GOLDEN.path(set + "_labels");
        int[] out = new int[values.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = values.get(i).intValue();
        }
        return out;
    }

    private static Samples outputs(String set) {
        int[] labels = labels(set);
        Tensor y = Tensors.of(floats(GOLDEN.path(set)), labels.length, D);
        return new Samples(new Cached(y, y.narrow(1, 0, 0)), labels);
    }

    private static Samples cached(Design design, String set) {
        int[] labels = labels(set);
        TraceBlock block = new TraceBlock(
                new UnitShape(0, 0, 0, D),
                new float[0],
                new float[labels.length * 2],
                new float[labels.length * D],
                floats(GOLDEN.path(set)),
                labels,
                Collections.nCopies(labels.length, ""));
        return new Samples(design.cache(block), labels);
    }

    private static Tensor classifier() {
        return Tensors.of(floats(GOLDEN.path("classifier")), D, C);
    }

    private static Design design() {
        return new OutputDesign(
                new ComponentDesign.Part(
                        new UnitShape(1, 1, 1, D).unit(0),
                        D,
                        floats(GOLDEN.path("mean")),
                        floats(GOLDEN.path("components"))),
                ComponentDesign.Means.RESTORED);
    }

    /** A path of one strength; validation asks for what the optimum says, so that it has no say but against the unadapted model. */
    private static void check(String name, Problem problem, Samples train, Samples others) {
        for (JsonNode want : GOLDEN.path(name)) {
            double strength = want.path("strength").doubleValue();
            JsonNode wanted = want.path("parameters");
            int[] says = Tensors.ints(Ops.argmaxRows(problem.logits(others.data(), parameters(problem, wanted))));
            Solution found = new PathFit(new AlignmentSettings.Path(List.of(strength), ITERATIONS), Progress.silent())
                    .solve(problem, train, new Samples(others.data(), says));
            String what = name + " at " + strength;
            assertEquals(strength, found.best().penalty(), what);
            int at = 0;
            List<Tensor> parameters = new ArrayList<>();
            for (int p = 0; p < found.values().size(); p++) {
                float[] values = found.values().get(p);
                for (float value : values) {
                    // The fit stops where a step improves the loss by less than 1e-5 of it.
                    assertEquals(wanted.get(at).doubleValue(), value, .03, what + ", parameter " + at);
                    at++;
                }
                parameters.add(Tensors.of(values, Tensors.shape(problem.origin().get(p))));
            }
            assertEquals(wanted.size(), at);
            double objective = found.best().trainLoss()
                    + strength / 2 * problem.movement(parameters).item_double();
            assertEquals(1, objective / want.path("objective").doubleValue(), 1e-3, what);
            int right = Classifier.right(problem.logits(others.data(), parameters), others.labels());
            assertEquals(want.path("right").intValue(), right, 2, what + ": right on other images");
        }
    }

    private static List<Tensor> parameters(Problem problem, JsonNode values) {
        float[] all = floats(values);
        List<Tensor> parameters = new ArrayList<>();
        int at = 0;
        for (Tensor like : problem.origin()) {
            int to = at + (int) like.numel();
            parameters.add(Tensors.of(Arrays.copyOfRange(all, at, to), Tensors.shape(like)));
            at = to;
        }
        return parameters;
    }

    @Test
    void linearAligner_isTheOptimumOfThePenalisedLoss() {
        try (NativeScope scope = NativeScope.inference()) {
            Samples train = outputs("train");
            check("linear", new LinearProblem(train.data(), classifier()), train, outputs("other"));
        }
    }

    @Test
    void weights_areTheOptimumOfThePenalisedLoss() {
        try (NativeScope scope = NativeScope.inference()) {
            Design design = design();
            Samples train = cached(design, "train");
            check("output", new SpectralProblem(design, train, classifier()), train, cached(design, "other"));
        }
    }

    /** The quiet direction separates the training images for nothing; the default path must not be drawn to it. */
    @Test
    void theDefaultPath_doesNotFallForTheQuietDirection() {
        try (NativeScope scope = NativeScope.inference()) {
            Samples train = outputs("train");
            Samples others = outputs("other");
            Problem problem = new LinearProblem(train.data(), classifier());
            Solution found = new PathFit(AlignmentSettings.PATH, Progress.silent()).solve(problem, train, others);
            int best = 0;
            for (JsonNode each : GOLDEN.path("linear")) {
                best = Math.max(best, each.path("right").intValue());
            }
            double right = found.best().validationAccuracy() * others.labels().length;
            assertTrue(right >= best - 1, right + " right of other images, " + best + " at the planted optima");
        }
    }

    /** Validation labels that the training labels do not explain: the best is at the strong end, and the list grows there. */
    @Test
    void thePath_goesOnWhileValidationIsBestAtItsEnd() {
        try (NativeScope scope = NativeScope.inference()) {
            Samples train = outputs("train");
            Problem problem = new LinearProblem(train.data(), classifier());
            // On the training images themselves the weakest penalty is best without end.
            Solution weak = fit(problem, train, train, List.of(10.0, 1.0), 3);
            assertEquals(1 / Math.pow(10, 1.5), weakest(weak), 1e-9);
            assertNotNull(PathEnd.note(Method.LINEAR, weak.best(), weak.curve()));
            assertEquals(1, weakest(fit(problem, train, train, List.of(10.0, 1.0), 0)), 1e-9);
            // A list that begins too weak: the optimum for others lies at stronger ones.
            Solution strong = fit(problem, train, outputs("other"), List.of(.001, .0001), 12);
            assertTrue(strong.best().penalty() > .001, "chosen " + strong.best());
            for (int i = 1; i < strong.curve().size(); i++) {
                assertTrue(
                        strong.curve().get(i).penalty()
                                < strong.curve().get(i - 1).penalty(),
                        "falling strengths");
                assertEquals(i, strong.curve().get(i).epoch());
            }
            assertEquals(strong.best(), strong.curve().get(strong.best().epoch()));
        }
    }

    /**
     * Two classes that differ surely along a quiet direction and hardly along a loud one. A strongly penalised probe looks along the loud
     * one and is worse than the unadapted model, a weakly penalised one finds the quiet one and is right everywhere.
     */
    @Test
    void aProbe_thatIsWorseThanTheModelAtFirst_isFollowedToWhereItIsBetter() {
        try (NativeScope scope = NativeScope.inference()) {
            Samples train = quietAndLoud(60, 1);
            Samples validation = quietAndLoud(60, 2);
            Tensor model = Tensors.of(new float[] {0, 0, .02f, -.02f, 1, -1}, 3, 2);
            Solution found = new PathFit(AlignmentSettings.PATH, Progress.silent())
                    .solve(new ProbeProblem(model), train, validation);
            Epoch asItIs = found.curve().get(0);
            List<Epoch> strong = found.curve().subList(1, 6);
            assertTrue(
                    strong.stream().allMatch(e -> e.validationAccuracy() < asItIs.validationAccuracy()),
                    strong.toString());
            assertTrue(asItIs.validationAccuracy() < .99, asItIs.toString());
            assertEquals(1, found.best().validationAccuracy(), 0, found.best().toString());
        }
    }

    private static Samples quietAndLoud(int n, long seed) {
        Random random = new Random(seed);
        float[] y = new float[n * 3];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = i % 2;
            double side = labels[i] == 0 ? 1 : -1;
            y[i * 3] = 5;
            y[i * 3 + 1] = (float) (.5 * side + 3 * random.nextGaussian());
            y[i * 3 + 2] = (float) (.05 * side + .005 * random.nextGaussian());
        }
        Tensor all = Tensors.of(y, n, 3);
        return new Samples(new Cached(all, all.narrow(1, 0, 0)), labels);
    }

    private static Solution fit(
            Problem problem, Samples train, Samples validation, List<Double> strengths, int extensions) {
        return new PathFit(new AlignmentSettings.Path(strengths, 20, extensions), Progress.silent())
                .solve(problem, train, validation);
    }

    private static double weakest(Solution solution) {
        return solution.curve().stream().mapToDouble(Epoch::penalty).min().orElseThrow();
    }

    @Test
    void aStrengthAtTheEdge_isSaid() {
        List<Epoch> curve = List.of(
                new Epoch(0, Double.POSITIVE_INFINITY, Double.NaN, 3, .1),
                new Epoch(1, 1, 2, 2, .2),
                new Epoch(2, .1, 1, 1, .3),
                new Epoch(3, .01, 1, 1, .2));
        assertNull(PathEnd.note(Method.RESIDUAL, curve.get(0), curve));
        assertNull(PathEnd.note(Method.RESIDUAL, curve.get(2), curve));
        String weakest = PathEnd.note(Method.RESIDUAL, curve.get(3), curve);
        assertTrue(weakest != null && weakest.contains("weakest") && weakest.contains("0.010"), weakest);
        String strongest = PathEnd.note(Method.RESIDUAL, curve.get(1), curve);
        assertTrue(strongest != null && strongest.contains("strongest"), strongest);
        List<Epoch> epochs = List.of(new Epoch(0, 0, 1, 1, .1), new Epoch(1, 0, 1, 1, .2));
        assertNull(PathEnd.note(Method.RESIDUAL, epochs.get(1), epochs));
    }
}
