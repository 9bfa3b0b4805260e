package io.residual.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.adapt.Adapter;
import io.residual.adapt.Cached;
import io.residual.adapt.Method;
import io.residual.fixtures.KitFixture;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.UnitShape;
import io.residual.weights.SafetensorsFile;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Loss, accuracy and gradient of the methods without a kit against PyTorch's autograd in float64
 * (golden/make_methods.py), on the kits' own embeddings and labels.
 */
class MethodGradientTest {
    private static final int REMEMBERED = 24;

    /** Sums of some fifty 32-bit products, and logits of up to a hundred: a few 1e-6 of the loss were seen. */
    private static final double LOSS = 2e-5;

    /** Relative to the largest entry, as the kits ask of gradients. */
    private static final double GRADIENT = 1e-3;

    @TempDir
    Path temporary;

    private record Given(Samples a, Samples b, Classifier classifier) {}

    private Given open(String kit) {
        try (SafetensorsFile file =
                SafetensorsFile.open(KitFixture.unpack(kit, temporary).resolve("expected.safetensors"))) {
            Samples[] sets = new Samples[2];
            for (int i = 0; i < 2; i++) {
                String set = i == 0 ? "a" : "b";
                Tensor features = file.read(set + ".image_features");
                sets[i] = new Samples(
                        new Cached(features, features.mul(Tensors.of(new float[1], 1))),
                        Tensors.ints(file.read(set + ".labels")));
            }
            float[] weights = Tensors.floats(file.read("classifier"));
            long width = sets[0].data().coefficients().size(1);
            List<String> classes = IntStream.range(0, (int) (weights.length / width))
                    .mapToObj(String::valueOf)
                    .toList();
            return new Given(sets[0], sets[1], new Classifier(classes, weights));
        }
    }

    private static JsonNode golden(String kit, String method) {
        try (InputStream in = Objects.requireNonNull(
                MethodGradientTest.class.getResourceAsStream("/alignment/methods.json"), "methods.json")) {
            return new ObjectMapper().readTree(in).path(kit).path(method);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The formula of golden/make_methods.py: scale · sin(step · (i + 1)), as a leaf. */
    private static Tensor wave(double scale, double step, long... shape) {
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, (x, y) -> x * y)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (scale * Math.sin(step * (i + 1)));
        }
        return Tensors.of(values, shape);
    }

    private static void check(JsonNode want, Tensor logits, Samples seen, Tensor... parameters) {
        Tensor loss = Ops.crossEntropy(logits, seen.targets());
        loss.backward();
        double expected = want.path("loss").doubleValue();
        assertEquals(expected, loss.item_double(), LOSS * expected, "loss");
        assertEquals(want.path("right").intValue(), Classifier.right(logits, seen.labels()), "right answers");
        assertEquals(want.path("gradients").size(), parameters.length, "gradients");
        for (int p = 0; p < parameters.length; p++) {
            JsonNode values = want.path("gradients").get(p);
            float[] wanted = new float[values.size()];
            float largest = 0;
            for (int i = 0; i < wanted.length; i++) {
                wanted[i] = values.get(i).floatValue();
                largest = Math.max(largest, Math.abs(wanted[i]));
            }
            assertArrayEquals(
                    wanted, Tensors.floats(parameters[p].grad()), (float) (GRADIENT * largest), "gradient " + p);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"clip-hf", "blip-itm", "vit"})
    void linearAligner(String kit) {
        try (NativeScope scope = NativeScope.training()) {
            Given given = open(kit);
            long d = given.b.data().coefficients().size(1);
            Tensor weight = torch.eye(d).add(wave(.1, 1.7, d, d)).set_requires_grad(true);
            Tensor bias = wave(.3, .9, d).set_requires_grad(true);
            Problem problem = new LinearProblem(given.a.data(), given.classifier.matrix());
            Tensor logits = problem.logits(given.b.data(), List.of(weight, bias));
            check(golden(kit, "linear"), logits, given.b, weight, bias);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"clip-hf", "blip-itm", "vit"})
    void linearProbe(String kit) {
        try (NativeScope scope = NativeScope.training()) {
            Given given = open(kit);
            long d = given.b.data().coefficients().size(1);
            long c = given.classifier.classes().size();
            Tensor weight = wave(.5, 2.3, d, c).set_requires_grad(true);
            Tensor bias = wave(.2, 1.1, c).set_requires_grad(true);
            Tensor logits = new ProbeProblem(given.classifier.matrix()).logits(given.b.data(), List.of(weight, bias));
            check(golden(kit, "probe"), logits, given.b, weight, bias);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"clip-hf", "blip-itm", "vit"})
    void tipAdapter(String kit) {
        try (NativeScope scope = NativeScope.training()) {
            Given given = open(kit);
            Tensor keys = Ops.normalise(given.a.data().coefficients().narrow(0, 0, REMEMBERED))
                    .clone()
                    .set_requires_grad(true);
            int[] labels = Arrays.copyOf(given.a.labels(), REMEMBERED);
            Tensor logits =
                    Adapter.Memory.logits(given.b.data().coefficients(), keys, labels, given.classifier, 1.3, 5.5);
            check(golden(kit, "tip-adapter"), logits, given.b, keys);
        }
    }

    /** What a stored Linear Aligner, probe or Tip-Adapter says is what was fitted: the same values by the deployed path. */
    @Test
    void storedAdapters_giveTheSameLosses() {
        String kit = "clip-hf";
        try (NativeScope scope = NativeScope.inference()) {
            Given given = open(kit);
            Tensor seen = given.b.data().coefficients();
            int d = (int) seen.size(1);
            int c = given.classifier.classes().size();
            Adapter linear = new Adapter.LinearMap(
                    Tensors.floats(torch.eye(d).add(wave(.1, 1.7, d, d))), Tensors.floats(wave(.3, .9, d)));
            Adapter probe = new Adapter.Probe(Tensors.floats(wave(.5, 2.3, d, c)), Tensors.floats(wave(.2, 1.1, c)));
            Adapter tip = new Adapter.Memory(
                    Method.TIP,
                    Tensors.floats(Ops.normalise(given.a.data().coefficients().narrow(0, 0, REMEMBERED))),
                    Arrays.copyOf(given.a.labels(), REMEMBERED),
                    1.3f,
                    5.5f);
            same(golden(kit, "base"), new Adapter.Identity(), given);
            same(golden(kit, "linear"), linear, given);
            same(golden(kit, "probe"), probe, given);
            same(golden(kit, "tip-adapter"), tip, given);
        }
    }

    private static void same(JsonNode want, Adapter adapter, Given given) {
        int[] labels = given.b.labels();
        int d = (int) given.b.data().coefficients().size(1);
        TraceBlock block = new TraceBlock(
                new UnitShape(0, 0, 0, d),
                new float[0],
                new float[labels.length * 2],
                new float[labels.length * d],
                Tensors.floats(given.b.data().coefficients()),
                labels,
                Collections.nCopies(labels.length, ""));
        Tensor logits = adapter.logits(block, given.classifier);
        double expected = want.path("loss").doubleValue();
        double loss = Ops.crossEntropy(logits, given.b.targets()).item_double();
        assertEquals(expected, loss, LOSS * expected, adapter.method().label());
        assertEquals(want.path("right").intValue(), Classifier.right(logits, labels));
    }
}
