package io.residual.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.adapt.Adapter;
import io.residual.adapt.Cached;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.Design;
import io.residual.adapt.HeadScaleDesign;
import io.residual.adapt.LiveWeights;
import io.residual.adapt.Method;
import io.residual.adapt.OutputDesign;
import io.residual.base.Progress;
import io.residual.fit.AlignmentSettings.Epochs;
import io.residual.fit.AlignmentSettings.Start;
import io.residual.fixtures.TracedKit;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AlignmentIdentityTest {
    @TempDir
    Path temporary;

    private static float[] ones(int n) {
        float[] ones = new float[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** λ = 1, means restored, all components: the sum of all units, which is the model's output. */
    @Test
    void unitWeightsWithMeansRestored_areTheModelItself() {
        TracedKit set = TracedKit.unpack("clip-hf", temporary);
        List<Spectrum> spectra = Pca.of(set.trace(set.a()), set.a().shape().ids());
        Design residual = ComponentDesign.residual(set.frame(), spectra, Means.RESTORED);
        Design output = OutputDesign.of(Pca.ofOutput(set.trace(set.a())), Means.RESTORED);
        Design coarse = new HeadScaleDesign(set.frame(), ComponentDesign.Others.KEPT);
        for (Design design : List.of(residual, output, coarse)) {
            Adapter adapter = new Adapter.Spectral(design, ones(design.parameters()));
            try (NativeScope scope = NativeScope.inference()) {
                float[] base = Tensors.floats(set.classifier().logits(set.b().outputs()));
                float[] adapted = Tensors.floats(set.classifier().logits(adapter.features(set.b())));
                assertArrayEquals(base, adapted, 1e-5f, design.method().label());
            }
        }
    }

    /** The same without the remainder's help: components of all units, the embedding among them, and their means. */
    @Test
    void unitWeightsOfEveryUnit_sumToTheModelsOutput() {
        TracedKit set = TracedKit.unpack("clip-hf", temporary);
        List<ComponentDesign.Part> parts = Pca.of(
                        set.trace(set.a()), set.a().shape().ids())
                .stream()
                .map(s -> ComponentDesign.Part.of(s, s.rank()))
                .toList();
        Design design = new ComponentDesign(
                Method.RESIDUAL, set.frame(), parts, ComponentDesign.Others.DROPPED, Means.RESTORED);
        Adapter adapter = new Adapter.Spectral(design, ones(design.parameters()));
        try (NativeScope scope = NativeScope.inference()) {
            float[] base = Tensors.floats(set.classifier().logits(set.b().outputs()));
            float[] adapted = Tensors.floats(set.classifier().logits(adapter.features(set.b())));
            // Logits reach 20; this is 5e-6 of that, for a sum of 21 units through 32-bit products.
            assertArrayEquals(base, adapted, 1e-4f);
        }
    }

    @Test
    void coarseOfOnes_isTheSumOfHeads() {
        TracedKit set = TracedKit.unpack("clip-hf", temporary);
        Design design = new HeadScaleDesign(set.frame(), ComponentDesign.Others.DROPPED);
        Adapter adapter = new Adapter.Spectral(design, ones(design.parameters()));
        try (NativeScope scope = NativeScope.inference()) {
            float[] want = new float[set.b().size() * set.b().shape().sharedWidth()];
            for (var head : set.b().shape().headIds()) {
                float[] unit = Tensors.floats(set.b().unit(set.frame(), head));
                for (int i = 0; i < want.length; i++) {
                    want[i] += unit[i];
                }
            }
            assertArrayEquals(want, Tensors.floats(adapter.features(set.b())), 1e-4f);
        }
    }

    /** λ turned one at a time, some at a time and all at once, against an adapter made afresh. */
    @Test
    void weightsTurnedByHand_giveWhatTheirAdapterGives() {
        TracedKit set = TracedKit.unpack("clip-hf", temporary);
        List<Spectrum> spectra = Pca.of(set.trace(set.a()), set.a().shape().ids());
        for (Design design : List.of(
                ComponentDesign.residual(set.frame(), spectra, Means.RESTORED),
                new HeadScaleDesign(set.frame(), ComponentDesign.Others.KEPT),
                OutputDesign.of(Pca.ofOutput(set.trace(set.a())), Means.DROPPED))) {
            Adapter.Spectral start = new Adapter.Spectral(design, ones(design.parameters()));
            java.util.SplittableRandom random = new java.util.SplittableRandom(3);
            try (LiveWeights live = new LiveWeights(start, set.classifier(), set.trace(set.b()))) {
                for (int step = 0; step < 200; step++) {
                    float[] lambdas = live.lambdas();
                    int from = random.nextInt(lambdas.length);
                    int to = step % 40 == 39 ? lambdas.length : Math.min(lambdas.length, from + 1 + step % 5);
                    for (int k = step % 40 == 39 ? 0 : from; k < to; k++) {
                        lambdas[k] = (float) (3 * random.nextDouble() - 1);
                    }
                    live.set(lambdas);
                    assertArrayEquals(lambdas, live.lambdas());
                }
                try (NativeScope scope = NativeScope.inference()) {
                    double[] wanted = Tensors.doubles(
                            set.classifier().logits(new Adapter.Spectral(design, live.lambdas()).features(set.b())));
                    // Logits reach 20; up to 39 changes of 32-bit sums stand between two fresh ones.
                    assertArrayEquals(
                            wanted, live.logits(), 2e-4, design.method().label());
                }
                assertTrue(Math.abs(live.logits()[0]) > 1e-3, "something to compare");
            }
        }
    }

    /** The share of a direction that each component carries, against E[(c φ · v)²] by loops; and nothing for nobody's. */
    @Test
    void whatComponentsCarryOfADirection_isTheVarianceTheyPutAlongIt() {
        TracedKit set = TracedKit.unpack("clip-hf", temporary);
        List<Spectrum> spectra = Pca.of(set.trace(set.a()), set.a().shape().ids());
        ComponentDesign design = ComponentDesign.residual(set.frame(), spectra, Means.RESTORED);
        int d = set.b().shape().sharedWidth();
        double[] v = new double[d];
        Arrays.setAll(v, i -> Math.cos(i));
        try (NativeScope scope = NativeScope.inference();
                LiveWeights live = new LiveWeights(
                        new Adapter.Spectral(design, ones(design.parameters())),
                        set.classifier(),
                        set.trace(set.b()))) {
            float[] c = Tensors.floats(design.cache(set.b()).coefficients());
            int count = design.parameters();
            double[] wanted = new double[count];
            double total = 0;
            int k = 0;
            for (ComponentDesign.Part part : design.parts()) {
                for (int row = 0; row < part.kept(); row++, k++) {
                    for (int image = 0; image < set.b().size(); image++) {
                        double along = 0;
                        for (int j = 0; j < d; j++) {
                            along += c[image * count + k] * part.components()[row * d + j] * v[j];
                        }
                        wanted[k] += along * along;
                    }
                    total += wanted[k];
                }
            }
            for (int i = 0; i < count; i++) {
                wanted[i] /= total;
            }
            assertArrayEquals(wanted, live.carrying(v), 1e-6);
        }
    }

    /** The gradient by hand, which fits by batches use, against autograd's, which the kits check; columns shared or not. */
    @Test
    void gradientByHand_isThatOfAutograd() {
        TracedKit set = TracedKit.unpack("clip-hf", temporary);
        List<Spectrum> spectra = Pca.of(set.trace(set.a()), set.a().shape().ids());
        for (Design design : List.of(
                ComponentDesign.residual(set.frame(), spectra, Means.RESTORED),
                new HeadScaleDesign(set.frame(), ComponentDesign.Others.KEPT),
                OutputDesign.of(Pca.ofOutput(set.trace(set.a())), Means.DROPPED))) {
            float[] lambdas = new float[design.parameters()];
            for (int i = 0; i < lambdas.length; i++) {
                lambdas[i] = (float) (1 + Math.sin(i));
            }
            Objective.Value byHand = Objective.at(design, lambdas, set.b(), set.classifier());
            try (NativeScope scope = NativeScope.training()) {
                SampleSet data = new Samples(design.cache(set.b()), set.b().labels());
                Tensor lambda = Tensors.of(lambdas, lambdas.length).set_requires_grad(true);
                Tensor loss = Ops.crossEntropy(
                        new SpectralProblem(design, data, set.classifier().matrix()).logits(data, List.of(lambda)),
                        Tensors.indices(set.b().labels()));
                loss.backward();
                assertEquals(
                        loss.item_double(), byHand.loss(), 1e-5, design.method().label());
                float[] wanted = Tensors.floats(lambda.grad());
                float largest = 0;
                for (float value : wanted) {
                    largest = Math.max(largest, Math.abs(value));
                }
                // The same products of 32-bit floats, in another order.
                assertArrayEquals(
                        wanted,
                        byHand.gradient(),
                        1e-4f * largest,
                        design.method().label());
            }
        }
    }

    /** The gradient against central differences of the loss itself, independently of the kits. */
    @Test
    void gradient_isTheSlopeOfTheLoss() {
        TracedKit set = TracedKit.unpack("clip-hf", temporary);
        List<Spectrum> spectra = Pca.of(set.trace(set.a()), set.a().shape().ids());
        Design design =
                ComponentDesign.residualStar(set.frame(), spectra, .5, ComponentDesign.Others.DROPPED, Means.RESTORED);
        float[] lambdas = ones(design.parameters());
        Objective.Value at = Objective.at(design, lambdas, set.b(), set.classifier());
        for (int i = 0; i < lambdas.length; i += Math.max(1, lambdas.length / 7)) {
            float step = 1e-2f;
            float[] up = lambdas.clone();
            float[] down = lambdas.clone();
            up[i] += step;
            down[i] -= step;
            double slope = (Objective.at(design, up, set.b(), set.classifier()).loss()
                            - Objective.at(design, down, set.b(), set.classifier())
                                    .loss())
                    / (2 * step);
            // Central differences of a 32-bit loss: rounding 1e-7/1e-2, curvature of order step squared.
            assertEquals(slope, at.gradient()[i], 1e-4);
        }
    }

    private static final List<Method> FITTED = List.of(
            Method.BASE,
            Method.LINEAR,
            Method.RESIDUAL,
            Method.RESIDUAL_STAR,
            Method.COARSE,
            Method.HEAD_ABLATION,
            Method.OUTPUT_SPECTRAL,
            Method.PROBE,
            Method.TIP,
            Method.TIP_TUNED);

    private static Aligner aligner(TracedKit set, AlignmentSettings settings) {
        return new Aligner(
                set.trace(set.a()),
                set.trace(set.b()),
                new Bases(set.trace(set.a())),
                set.classifier(),
                settings,
                Progress.silent());
    }

    private static AlignmentSettings settings(String fit, Start start, Means means) {
        AlignmentSettings.Fitting fitting =
                switch (fit) {
                    case "path" -> new AlignmentSettings.Path(List.of(10.0, 1.0, .1), 8);
                    case "adamw" -> new Epochs(AlignmentSettings.Optimiser.ADAMW, .05, 1e-3, 0, 32, 15, 5);
                    default -> new Epochs(AlignmentSettings.Optimiser.SCHEDULE_FREE, .8, 1e-3, 0, 32, 15, 5);
                };
        return new AlignmentSettings(start, means, ComponentDesign.Others.DROPPED, .9, fitting, 3);
    }

    @ParameterizedTest
    @CsvSource({"path, IDENTITY", "adamw, IDENTITY", "adamw, RANDOM", "schedule-free, RANDOM"})
    void fit_neverKeepsWhatIsWorseOnValidationThanTheStart(String fit, Start start) {
        TracedKit set = TracedKit.unpack("clip-hf", temporary);
        Aligner aligner = aligner(set, settings(fit, start, Means.DROPPED));
        for (Method method : FITTED) {
            Trainer.Fitted fitted = aligner.fit(method);
            double first = fitted.curve().get(0).validationAccuracy();
            assertTrue(fitted.best().validationAccuracy() >= first, method.label());
            if (method != Method.HEAD_ABLATION) { // one half of validation chooses its heads, the other when to stop
                assertEquals(
                        fitted.best().validationAccuracy(),
                        fitted.curve().stream()
                                .mapToDouble(Trainer.Epoch::validationAccuracy)
                                .max()
                                .orElseThrow(),
                        method.label());
            }
            assertEquals(method, fitted.adapter().method());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"adamw", "schedule-free"})
    void fitByEpochs_stopsWhenItsPatienceIsOver(String fit) {
        TracedKit set = TracedKit.unpack("clip-hf", temporary);
        Trainer.Fitted fitted =
                aligner(set, settings(fit, Start.RANDOM, Means.DROPPED)).fit(Method.RESIDUAL);
        assertTrue(fitted.curve().size() - 1 <= fitted.best().epoch() + 5 + 1);
    }

    /** Far more weight on staying than on the labels leaves nothing but the start, whatever fits. */
    @ParameterizedTest
    @ValueSource(strings = {"path", "adamw"})
    void strongPenalty_keepsTheModelAsItIs(String fit) {
        TracedKit set = TracedKit.unpack("clip-hf", temporary);
        AlignmentSettings.Fitting fitting = fit.equals("path")
                ? new AlignmentSettings.Path(List.of(1e6), 20)
                : new Epochs(AlignmentSettings.Optimiser.ADAMW, 1e-3, 1e-3, 1e6, 32, 3, 3);
        Aligner aligner = aligner(
                set,
                new AlignmentSettings(Start.IDENTITY, Means.RESTORED, ComponentDesign.Others.KEPT, .9, fitting, 3));
        for (Method method : List.of(Method.RESIDUAL, Method.RESIDUAL_STAR, Method.COARSE)) {
            Adapter.Spectral adapter = (Adapter.Spectral) aligner.fit(method).adapter();
            assertArrayEquals(ones(adapter.lambdas().length), adapter.lambdas(), .02f, method.label());
        }
        Adapter.LinearMap linear =
                (Adapter.LinearMap) aligner.fit(Method.LINEAR).adapter();
        int d = linear.bias().length;
        for (int i = 0; i < d * d; i++) {
            assertEquals(i / d == i % d ? 1 : 0, linear.weight()[i], .02);
        }
    }

    /** Whatever the training images show of a direction: the mean of (λ − 1)², and ‖W − I‖² / D + ‖b‖² / E‖y‖². */
    @Test
    void movement_costsEveryParameterAlike() {
        TracedKit set = TracedKit.unpack("clip-hf", temporary);
        List<Spectrum> spectra = Pca.of(set.trace(set.a()), set.a().shape().ids());
        try (NativeScope scope = NativeScope.inference()) {
            Tensor classifier = set.classifier().matrix();
            for (Design design : List.of(
                    ComponentDesign.residual(set.frame(), spectra, Means.RESTORED),
                    new HeadScaleDesign(set.frame(), ComponentDesign.Others.KEPT))) {
                Problem problem = new SpectralProblem(
                        design, new Samples(design.cache(set.a()), set.a().labels()), classifier);
                float[] lambdas = new float[design.parameters()];
                double squares = 0;
                for (int i = 0; i < lambdas.length; i++) {
                    lambdas[i] = (float) (1 + Math.sin(i));
                    squares += Math.sin(i) * Math.sin(i);
                }
                double movement = problem.movement(List.of(Tensors.of(lambdas, lambdas.length)))
                        .item_double();
                assertEquals(
                        1,
                        movement / (squares / lambdas.length),
                        1e-4,
                        design.method().label());
            }
            Tensor y = set.a().outputs();
            long d = y.size(1);
            Problem linear = new LinearProblem(new Cached(y, y.narrow(1, 0, 0)), classifier);
            double square = y.square().sum().item_double() / y.size(0);
            Tensor one = torch.eye(d);
            one.narrow(0, 2, 1).narrow(1, 3, 1).add_(new org.bytedeco.pytorch.Scalar(.5));
            assertEquals(
                    .25 / d + d * .04 / square,
                    linear.movement(List.of(one, torch.full(new long[] {d}, new org.bytedeco.pytorch.Scalar(.2))))
                            .item_double(),
                    1e-6);
        }
    }

    /** Coordinates only change how fast a fit is: parameters come back from them, and the origin is their zero. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-6, 1, 1e6})
    void stepsAndParameters_areInverseToEachOther(double strength) {
        TracedKit set = TracedKit.unpack("clip-hf", temporary);
        List<Spectrum> spectra = Pca.of(set.trace(set.a()), set.a().shape().ids());
        try (NativeScope scope = NativeScope.inference()) {
            Tensor classifier = set.classifier().matrix();
            Tensor y = set.a().outputs();
            List<Problem> problems = new ArrayList<>();
            for (Design design : List.of(
                    ComponentDesign.residual(set.frame(), spectra, Means.RESTORED),
                    new HeadScaleDesign(set.frame(), ComponentDesign.Others.KEPT))) {
                problems.add(new SpectralProblem(
                        design, new Samples(design.cache(set.a()), set.a().labels()), classifier));
            }
            problems.add(new LinearProblem(new Cached(y, y.narrow(1, 0, 0)), classifier));
            problems.add(new ProbeProblem(classifier));
            for (Problem problem : problems) {
                List<Tensor> parameters = problem.origin().stream()
                        .map(t -> t.add(Ops.scale(torch.randn(Tensors.shape(t)), .1)))
                        .toList();
                List<Tensor> back = problem.at(problem.step(parameters, strength), strength);
                List<Tensor> none = problem.step(problem.origin(), strength);
                for (int i = 0; i < parameters.size(); i++) {
                    assertEquals(
                            0,
                            Ops.maxAbs(parameters.get(i).sub(back.get(i))),
                            1e-4,
                            problem.method().label());
                    assertEquals(0, Ops.maxAbs(none.get(i)), 1e-12);
                }
            }
        }
    }

    /** So that validation can never choose worse than the unadapted model. */
    @Test
    void everyMethodsPath_beginsAtTheModelAsItIs() {
        TracedKit set = TracedKit.unpack("clip-hf", temporary);
        AlignmentSettings settings = AlignmentSettings.DEFAULT.with(new AlignmentSettings.Path(List.of(1.0), 4));
        Aligner aligner = aligner(set, settings);
        Trainer.Epoch base = aligner.fit(Method.BASE).best();
        for (Method method : FITTED) {
            Trainer.Fitted fitted = aligner.fit(method);
            Trainer.Epoch first = fitted.curve().get(0);
            if (method != Method.TIP && method != Method.TIP_TUNED) { // whose strengths are searched, 0 among them
                assertEquals(base.validationLoss(), first.validationLoss(), 1e-4, method.label());
            }
            assertTrue(fitted.best().validationAccuracy() >= base.validationAccuracy(), method.label());
        }
    }

    @Test
    void dial_goesFromTheModelToWhatWasLearned() {
        TracedKit set = TracedKit.unpack("clip-hf", temporary);
        AlignmentSettings settings = new AlignmentSettings(
                Start.IDENTITY,
                Means.RESTORED,
                ComponentDesign.Others.KEPT,
                .9,
                new AlignmentSettings.Path(List.of(1.0), 8),
                3);
        Aligner aligner = aligner(set, settings);
        for (Method method : List.of(Method.RESIDUAL, Method.RESIDUAL_STAR, Method.LINEAR)) {
            Adapter learned = aligner.fit(method).adapter();
            try (NativeScope scope = NativeScope.inference()) {
                float[] base = Tensors.floats(set.b().outputs());
                float[] end = Tensors.floats(learned.features(set.b()));
                float[] half = Tensors.floats(learned.interpolated(.5).features(set.b()));
                assertArrayEquals(base, Tensors.floats(learned.interpolated(0).features(set.b())), 1e-5f);
                assertArrayEquals(end, Tensors.floats(learned.interpolated(1).features(set.b())), 1e-5f);
                for (int i = 0; i < half.length; i++) {
                    // Features are linear in the parameters, so half of the way is the middle.
                    assertEquals((base[i] + end[i]) / 2, half[i], 1e-5);
                }
            }
        }
    }
}
