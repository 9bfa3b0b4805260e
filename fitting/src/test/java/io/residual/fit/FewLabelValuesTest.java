package io.residual.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.adapt.Adapter;
import io.residual.adapt.Cached;
import io.residual.adapt.Method;
import io.residual.adapt.SpectralHead;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** The methods for few labels against NumPy and PyTorch in float64 (golden/make_few_labels.py), on data from formulas. */
class FewLabelValuesTest {
    private static final int D = 6;
    private static final int C = 3;
    private static final int SHOTS = 4;
    private static final double SCALE = 20;

    /** Closed forms and gradients in 64-bit floats: only the order of operations differs; class embeddings are 32-bit floats. */
    private static final double CLOSED = 2e-6;

    /** Logits of an adapter relative to the largest: its numbers are of 32 bits, and a descent ends a little before its minimum. */
    private static final double LOGITS = 1e-5;

    private static JsonNode expected(Method method) {
        try (InputStream in = Objects.requireNonNull(
                FewLabelValuesTest.class.getResourceAsStream("/few-labels/expected.json"), "expected.json")) {
            return new ObjectMapper().readTree(in).path(method.id());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static double[] numbers(JsonNode node) {
        double[] all = new double[node.size()];
        Arrays.setAll(all, i -> node.get(i).doubleValue());
        return all;
    }

    private static double[] wave(int count, double scale, double step) {
        double[] all = new double[count];
        Arrays.setAll(all, i -> scale * Math.sin(step * (i + 1)));
        return all;
    }

    private static double[] unitRows(double... x) {
        double[] all = x.clone();
        for (int row = 0; row < all.length; row += D) {
            double square = 0;
            for (int j = 0; j < D; j++) {
                square += all[row + j] * all[row + j];
            }
            for (int j = 0; j < D; j++) {
                all[row + j] /= Math.sqrt(square);
            }
        }
        return all;
    }

    private static int[] labels(int n) {
        int[] labels = new int[n];
        Arrays.setAll(labels, i -> i % C);
        return labels;
    }

    /** Images of classes 0, 1, 2, 0, …: waves moved towards their class. */
    private static Tensor images(int n, double step) {
        double[] centres = unitRows(wave(C * D, 1, 2.1));
        double[] along = wave(C * D, .5, 3.3);
        double[] x = wave(n * D, .7, step);
        for (int i = 0; i < x.length; i++) {
            int at = i / D % C * D + i % D;
            x[i] += centres[at] + along[at];
        }
        return Tensors.of(unitRows(x), n, D);
    }

    private static Classifier classifier() {
        double[] rows = unitRows(wave(C * D, 1, 2.1));
        float[] weights = new float[D * C];
        for (int i = 0; i < rows.length; i++) {
            weights[i % D * C + i / D] = (float) (SCALE * rows[i]);
        }
        return new Classifier(List.of("a", "b", "c"), weights);
    }

    private static Labelled given() {
        Tensor exact = Tensors.of(unitRows(wave(C * D, 1, 2.1)), C, D).t();
        return new Labelled(images(SHOTS * C, 1.7), labels(SHOTS * C), Ops.scale(exact, SCALE));
    }

    private static void same(JsonNode want, Tensor found, double tolerance, String what) {
        assertArrayEquals(numbers(want), Tensors.doubles(found), tolerance, what);
    }

    /** The logits of five other images by the adapter that is stored, as a command makes it. */
    private static void deployed(Method method) {
        Classifier classifier = classifier();
        Samples train = samples(images(SHOTS * C, 1.7), SHOTS * C);
        float[] free = Tensors.floats(images(24, .9));
        Trainer.Fitted fitted =
                new FewLabelFit(train, samples(images(5, 1.3), 5), classifier, new Unlabelled(24, free)).fit(method);
        Tensor asked = images(5, 1.3).to(ScalarType.Float);
        Tensor seen = fitted.adapter() instanceof Adapter.LinearMap map ? map.mapped(asked) : asked;
        JsonNode want = expected(method).path("logits");
        double largest = Arrays.stream(numbers(want)).map(Math::abs).max().orElseThrow();
        same(want, fitted.adapter().logits(seen, classifier), LOGITS * largest, method.label());
        assertEquals(method, fitted.adapter().method());
    }

    private static Samples samples(Tensor images, int n) {
        Tensor y = images.to(ScalarType.Float);
        return new Samples(new Cached(y, y.narrow(1, 0, 0)), labels(n));
    }

    @Test
    void gda() {
        try (NativeScope scope = NativeScope.inference()) {
            JsonNode want = expected(Method.GDA);
            Labelled given = given();
            GaussianFit.Found found = GaussianFit.fit(given);
            same(want.path("weight"), found.weight(), CLOSED, "weights");
            same(want.path("bias"), found.bias(), CLOSED, "biases");
            assertEquals(want.path("alpha").doubleValue(), found.alpha(), CLOSED);
            deployed(Method.GDA);
        }
    }

    /** Every image by a fit of the others: one by one in the generator, in closed form here. */
    @Test
    void gda_leavesOutInClosedForm() {
        try (NativeScope scope = NativeScope.inference()) {
            Labelled given = given();
            Tensor means = given.means();
            Tensor r = given.f().sub(means.index_select(0, given.targets()));
            Tensor scatter = r.t().matmul(r);
            double trace = scatter.trace().item_double() / (given.size() - 1);
            Tensor inverse = torch.linalg_inv(scatter.add(Ops.scale(torch.eye(D).to(ScalarType.Double), trace)));
            Tensor weight = inverse.matmul(means.t());
            Tensor square = Ops.sum(means.t().mul(weight), 0);
            same(
                    expected(Method.GDA).path("left_out"),
                    GaussianFit.leftOut(given, given.counts(), r, inverse, means, weight, square),
                    CLOSED,
                    "left out");
        }
    }

    /**
     * λ by PyTorch's L-BFGS in 64-bit floats, each part of the images left out. A descent here ends when a step gains less than 1e-5 of the
     * loss, in 32-bit floats: λ and logits to 2 % of the largest.
     */
    @Test
    void residualGda() {
        try (NativeScope scope = NativeScope.inference()) {
            JsonNode want = expected(Method.RESIDUAL_GDA);
            int n = SHOTS * C;
            Tensor y = images(n, 1.7).to(ScalarType.Float);
            Tensor asked = images(5, 1.3).to(ScalarType.Float);
            Trainer.Fitted fitted = new ResidualGaussianFit(
                            FirstDimensions.design(D), classifier(), y, FirstDimensions.samples(y, labels(n)))
                    .fit(FirstDimensions.samples(asked, labels(5)));
            SpectralHead found = (SpectralHead) fitted.adapter();
            assertEquals(want.path("strength").doubleValue(), fitted.best().penalty(), 1e-12);
            double most = Arrays.stream(numbers(want.path("lambda")))
                    .map(Math::abs)
                    .max()
                    .orElseThrow();
            same(
                    want.path("lambda"),
                    Tensors.of(found.spectral().lambdas(), D / 2).to(ScalarType.Double),
                    .02 * most,
                    "λ");
            JsonNode logits = want.path("logits");
            double largest = Arrays.stream(numbers(logits)).map(Math::abs).max().orElseThrow();
            same(
                    logits,
                    found.logits(FirstDimensions.features(found.spectral(), asked), classifier()),
                    .02 * largest,
                    "logits");
        }
    }

    @Test
    void kernelRidge() {
        try (NativeScope scope = NativeScope.inference()) {
            JsonNode want = expected(Method.KERNEL_RIDGE);
            Labelled given = given();
            double beta = KernelRidgeFit.beta(given);
            assertEquals(want.path("beta").doubleValue(), beta, CLOSED);
            double strength = KernelRidgeFit.select(given, given.counts(), beta);
            assertEquals(want.path("strength").doubleValue(), strength, CLOSED * strength);
            same(want.path("left_out"), KernelRidgeFit.leftOut(given, beta, strength), CLOSED, "left out");
            deployed(Method.KERNEL_RIDGE);
        }
    }

    /** Loss and gradient at a point, and the least loss from the class embeddings on. */
    private static void loss(Method method, Tensor start, UnaryOperator<Tensor> loss) {
        JsonNode want = expected(method);
        long[] shape = Tensors.shape(start);
        try (NativeScope scope = NativeScope.training()) {
            Tensor moved = start.add(Tensors.of(wave((int) start.numel(), .1, 1.1), shape));
            Tensor point = Tensors.of(Tensors.doubles(moved), shape).set_requires_grad(true);
            Tensor value = loss.apply(point);
            value.backward();
            assertEquals(want.path("loss").doubleValue(), value.item_double(), CLOSED, method.label());
            same(want.path("gradient"), point.grad(), CLOSED, method.label());
        }
        try (NativeScope scope = NativeScope.inference()) {
            if (want.has("least")) {
                List<Tensor> end = Descent.minimise(List.of(start), p -> loss.apply(p.get(0)));
                // The descent ends when a step gains less than 1e-11 of the loss.
                assertEquals(
                        want.path("least").doubleValue(), loss.apply(end.get(0)).item_double(), 1e-7);
            }
            deployed(method);
        }
    }

    @Test
    void textProbe() {
        try (NativeScope scope = NativeScope.inference()) {
            Labelled given = given();
            loss(Method.TEXT_PROBE, given.directions(), w -> TextProbeFit.plainLoss(given, w));
        }
    }

    @Test
    void clap() {
        try (NativeScope scope = NativeScope.inference()) {
            Labelled given = given();
            Tensor strengths = TextProbeFit.strengths(given);
            loss(Method.CLAP, given.directions(), w -> TextProbeFit.clapLoss(given, strengths, w));
        }
    }

    @Test
    void crossModal() {
        try (NativeScope scope = NativeScope.inference()) {
            Labelled given = given();
            loss(Method.CROSS_MODAL, given.directions(), w -> TextProbeFit.crossModalLoss(given, w));
        }
    }

    @Test
    void taskRes() {
        try (NativeScope scope = NativeScope.inference()) {
            Labelled given = given();
            Tensor none = torch.zeros_like(given.directions());
            loss(Method.TASK_RES, none, x -> TextProbeFit.taskResLoss(given, x));
        }
    }

    @Test
    void rla() {
        try (NativeScope scope = NativeScope.inference()) {
            Labelled given = given();
            loss(Method.RLA, torch.eye(D).to(ScalarType.Double), w -> RegularisedMapFit.loss(given, w));
        }
    }

    @Test
    void lpPlusPlus() {
        try (NativeScope scope = NativeScope.inference()) {
            deployed(Method.LP_PLUS);
        }
    }

    @Test
    void transclip_zeroShot() {
        try (NativeScope scope = NativeScope.inference()) {
            Labelled given = given();
            Tensor all = Ops.cat(List.of(images(24, .9), given.f()), 0);
            TransductiveFit.Found found = TransductiveFit.zeroShot(all, given);
            same(
                    expected(Method.TRANSCLIP_ZERO).path("assignments"),
                    found.assignments().narrow(0, 0, 5),
                    CLOSED,
                    "assignments");
            deployed(Method.TRANSCLIP_ZERO);
        }
    }

    @Test
    void transclip_fewShot() {
        try (NativeScope scope = NativeScope.inference()) {
            TransductiveFit.Found found = TransductiveFit.fewShot(images(24, .9), given());
            JsonNode want = expected(Method.TRANSCLIP);
            assertEquals(want.path("gamma").doubleValue(), found.gamma());
            same(want.path("assignments"), found.assignments().narrow(0, 0, 5), CLOSED, "assignments");
            deployed(Method.TRANSCLIP);
        }
    }
}
