package io.residual.alignment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.KitFixture;
import io.residual.alignment.AlignmentSettings.Start;
import io.residual.alignment.ComponentDesign.Means;
import io.residual.base.Progress;
import io.residual.images.Split;
import io.residual.model.ImageTextModel;
import io.residual.provenance.Provenance;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.weights.SafetensorsFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AlignmentIdentityTest {
    @TempDir
    Path temporary;

    /** A kit's set of pictures, traced, with its classifier. */
    private record Set(UnitShapeAndFrame model, TraceBlock a, TraceBlock b, Classifier classifier) {}

    private record UnitShapeAndFrame(io.residual.units.UnitFrame frame, String hash) {
        <S extends Split> Trace<S> trace(TraceBlock block) {
            return new Trace<>(frame, List.of(block), List.of(), Provenance.now(hash, "kit", 0, 0, Map.of()));
        }
    }

    private Set open() {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        try (ImageTextModel model = ImageTextModel.open(kit);
                SafetensorsFile file = SafetensorsFile.open(kit.resolve("expected.safetensors"));
                NativeScope scope = NativeScope.inference()) {
            Tracer tracer = new Tracer(model);
            TraceBlock[] blocks = new TraceBlock[2];
            for (int i = 0; i < 2; i++) {
                String set = i == 0 ? "a" : "b";
                int[] labels = Tensors.ints(file.read(set + ".labels"));
                float[] pixels = Tensors.floats(file.read(set + ".pixel_values"));
                blocks[i] = tracer.encode(pixels, labels, Collections.nCopies(labels.length, set));
            }
            List<String> classes = java.util.stream.IntStream.range(0, 10)
                    .mapToObj(String::valueOf)
                    .toList();
            Classifier classifier = new Classifier(classes, Tensors.floats(file.read("classifier")));
            return new Set(new UnitShapeAndFrame(tracer.frame(), model.hash()), blocks[0], blocks[1], classifier);
        }
    }

    private static float[] ones(int n) {
        float[] ones = new float[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** λ = 1, means restored, all components: the sum of all units, which is the model's output. */
    @Test
    void unitWeightsWithMeansRestored_areTheModelItself() {
        Set set = open();
        List<Spectrum> spectra = Pca.of(set.model.trace(set.a), set.a.shape().ids());
        Design residual = ComponentDesign.residual(set.model.frame, spectra, Means.RESTORED);
        Design output = OutputDesign.of(Pca.ofOutput(set.model.trace(set.a)), Means.RESTORED);
        for (Design design : List.of(residual, output)) {
            Adapter adapter = new Adapter.Spectral(design, ones(design.parameters()));
            try (NativeScope scope = NativeScope.inference()) {
                float[] base = Tensors.floats(set.classifier.logits(set.b.outputs()));
                float[] adapted = Tensors.floats(set.classifier.logits(adapter.features(set.b)));
                assertArrayEquals(base, adapted, 1e-5f, design.method().label());
            }
        }
    }

    /** The same without the remainder's help: components of all units, the embedding among them, and their means. */
    @Test
    void unitWeightsOfEveryUnit_sumToTheModelsOutput() {
        Set set = open();
        List<ComponentDesign.Part> parts = Pca.of(
                        set.model.trace(set.a), set.a.shape().ids())
                .stream()
                .map(s -> ComponentDesign.Part.of(s, s.rank()))
                .toList();
        Design design = new ComponentDesign(
                Method.RESIDUAL, set.model.frame, parts, ComponentDesign.Others.DROPPED, Means.RESTORED);
        Adapter adapter = new Adapter.Spectral(design, ones(design.parameters()));
        try (NativeScope scope = NativeScope.inference()) {
            float[] base = Tensors.floats(set.classifier.logits(set.b.outputs()));
            float[] adapted = Tensors.floats(set.classifier.logits(adapter.features(set.b)));
            // Logits reach 20; this is 5e-6 of that, for a sum of 21 units through 32-bit products.
            assertArrayEquals(base, adapted, 1e-4f);
        }
    }

    @Test
    void coarseOfOnes_isTheSumOfHeads() {
        Set set = open();
        Design design = new HeadScaleDesign(set.model.frame);
        Adapter adapter = new Adapter.Spectral(design, ones(design.parameters()));
        try (NativeScope scope = NativeScope.inference()) {
            float[] want = new float[set.b.size() * set.b.shape().sharedWidth()];
            for (var head : set.b.shape().headIds()) {
                float[] unit = Tensors.floats(set.b.unit(set.model.frame, head));
                for (int i = 0; i < want.length; i++) {
                    want[i] += unit[i];
                }
            }
            assertArrayEquals(want, Tensors.floats(adapter.features(set.b)), 1e-4f);
        }
    }

    /** The gradient against central differences of the loss itself, independently of the kits. */
    @Test
    void gradient_isTheSlopeOfTheLoss() {
        Set set = open();
        List<Spectrum> spectra = Pca.of(set.model.trace(set.a), set.a.shape().ids());
        Design design = ComponentDesign.residualStar(set.model.frame, spectra, .5, Means.RESTORED);
        float[] lambdas = ones(design.parameters());
        Objective.Value at = Objective.at(design, lambdas, set.b, set.classifier);
        for (int i = 0; i < lambdas.length; i += Math.max(1, lambdas.length / 7)) {
            float step = 1e-2f;
            float[] up = lambdas.clone();
            float[] down = lambdas.clone();
            up[i] += step;
            down[i] -= step;
            double slope = (Objective.at(design, up, set.b, set.classifier).loss()
                            - Objective.at(design, down, set.b, set.classifier).loss())
                    / (2 * step);
            // Central differences of a 32-bit loss: rounding 1e-7/1e-2, curvature of order step squared.
            assertEquals(slope, at.gradient()[i], 1e-4);
        }
    }

    @ParameterizedTest
    @EnumSource(Start.class)
    void fit_neverKeepsAnEpochWorseOnValidationThanTheStart(Start start) {
        Set set = open();
        AlignmentSettings d = AlignmentSettings.DEFAULT;
        AlignmentSettings settings =
                new AlignmentSettings(start, Means.DROPPED, .9, d.rate(), d.linearRate(), 0, 32, 15, 5, 3);
        Aligner aligner = new Aligner(
                set.model.trace(set.a),
                set.model.trace(set.b),
                set.model.trace(set.a),
                set.classifier,
                settings,
                Progress.silent());
        for (Method method : Method.all()) {
            Trainer.Fitted fitted = aligner.fit(method);
            double first = fitted.curve().get(0).validationAccuracy();
            assertTrue(fitted.best().validationAccuracy() >= first, method.label());
            assertTrue(
                    fitted.curve().size() - 1 <= fitted.best().epoch() + settings.patience(),
                    method.label() + " went on longer than its patience");
            assertEquals(
                    fitted.best().validationAccuracy(),
                    fitted.curve().stream()
                            .mapToDouble(Trainer.Epoch::validationAccuracy)
                            .max()
                            .orElseThrow(),
                    method.label());
        }
    }

    /** Far more weight on staying at 1 than on the labels leaves nothing but the start. */
    @Test
    void strongPull_keepsTheWeightsAtOne() {
        Set set = open();
        AlignmentSettings d = AlignmentSettings.DEFAULT;
        AlignmentSettings settings =
                new AlignmentSettings(Start.IDENTITY, Means.RESTORED, .9, 1e-3, d.linearRate(), 1e6, 32, 3, 3, 3);
        Aligner aligner = new Aligner(
                set.model.trace(set.a),
                set.model.trace(set.b),
                set.model.trace(set.a),
                set.classifier,
                settings,
                Progress.silent());
        Adapter.Spectral adapter =
                (Adapter.Spectral) aligner.fit(Method.RESIDUAL).adapter();
        assertArrayEquals(ones(adapter.lambdas().length), adapter.lambdas(), .02f);
    }
}
