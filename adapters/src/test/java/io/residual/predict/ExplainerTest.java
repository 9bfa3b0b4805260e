package io.residual.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.adapt.Adapter;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.adapt.Design;
import io.residual.adapt.HeadScaleDesign;
import io.residual.adapt.KernelVotes;
import io.residual.adapt.Method;
import io.residual.adapt.OutputDesign;
import io.residual.adapt.SpectralHead;
import io.residual.adapt.TextHead;
import io.residual.data.Split;
import io.residual.fixtures.TracedKit;
import io.residual.model.ImageTextModel;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.weights.SafetensorsFile;
import io.residual.where.TokenTrace;
import io.residual.zeroshot.Classifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExplainerTest {
    private static final int D = 48;
    private static final int CLASSES = 10;

    @TempDir
    Path temporary;

    private final List<ImageTextModel> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(ImageTextModel::close);
    }

    /** A traced kit with what its units read of every token of set b. */
    private record Given(TracedKit kit, TokenTrace tokens) {
        UnitFrame frame() {
            return kit.frame();
        }

        TraceBlock b() {
            return kit.b();
        }

        Classifier classifier() {
            return kit.classifier();
        }

        Trace<Split.Train> general() {
            return kit.trace(kit.a());
        }

        Explanation explain(Adapter adapter, int i) {
            return new Explainer(frame(), adapter, classifier()).explain(b(), i);
        }
    }

    private Given open(String name) {
        TracedKit kit = TracedKit.unpack(name, temporary);
        ImageTextModel model = ImageTextModel.open(kit.folder());
        opened.add(model);
        try (SafetensorsFile file = SafetensorsFile.open(kit.folder().resolve("expected.safetensors"));
                NativeScope scope = NativeScope.inference()) {
            return new Given(kit, TokenTrace.of(model.image(), file.read("b.pixel_values")));
        }
    }

    /** Every unit's share against the kit's own units: u · t / ‖Σ u‖. */
    @ParameterizedTest
    @ValueSource(strings = {"clip-hf", "clip-openclip", "blip-itm"})
    void sharesOfUnits_areThoseOfTheKit(String kit) {
        Given given = open(kit);
        int r = given.frame().shape().units();
        float[] reference = given.kit().expected("b.units");
        for (int image : new int[] {0, 57}) {
            Explanation explanation = given.explain(new Adapter.Identity(), image);
            double[] y = new double[D];
            for (int u = 0; u < r; u++) {
                for (int j = 0; j < D; j++) {
                    y[j] += reference[(image * r + u) * D + j];
                }
            }
            double norm = Math.sqrt(Arrays.stream(y).map(v -> v * v).sum());
            for (int u = 0; u < r; u++) {
                for (int c = 0; c < CLASSES; c++) {
                    double expected = 0;
                    for (int j = 0; j < D; j++) {
                        expected += reference[(image * r + u) * D + j]
                                * given.classifier().weights()[j * CLASSES + c]
                                / norm;
                    }
                    // Units agree to 1e-4 of the largest; shares of logits that reach some tens accordingly.
                    assertEquals(expected, explanation.units().get(u).before()[c], 2e-3);
                    assertEquals(expected, explanation.units().get(u).after()[c], 2e-3);
                }
            }
        }
    }

    /** What is shown adds up to the logits that are shown, for every method: the promise of the page. */
    @Test
    void sharesAddUpToTheLogits_forEveryMethod() {
        Given given = open("clip-hf");
        try (NativeScope scope = NativeScope.inference()) {
            for (Adapter adapter : adapters(given)) {
                Explanation explanation = given.explain(adapter, 13);
                double[] logits = Tensors.doubles(adapter.logits(given.b().slice(13, 14), given.classifier()));
                double largest = 0;
                for (int c = 0; c < CLASSES; c++) {
                    largest = Math.max(largest, Math.abs(logits[c]));
                    int column = c;
                    double sum = explanation.units().stream()
                                    .mapToDouble(u -> u.after()[column])
                                    .sum()
                            + explanation.constants().stream()
                                    .mapToDouble(k -> k.after()[column])
                                    .sum();
                    assertEquals(logits[c], explanation.after()[c], 1e-9, "the logits are the adapter's");
                    assertTrue(
                            Math.abs(sum - logits[c]) <= explanation.error() + 1e-12,
                            "the error that is told is the error there is");
                }
                // 32-bit logits of up to a few hundred, of sums of a thousand numbers.
                assertTrue(
                        explanation.error() < 1e-5 * Math.max(10, largest),
                        adapter.method() + ": " + explanation.error());
            }
        }
    }

    /** One of every method, with any weights. */
    private static List<Adapter> adapters(Given given) {
        Random random = new Random(4);
        List<Adapter> adapters = new ArrayList<>(List.of(new Adapter.Identity()));
        List<Spectrum> spectra = Pca.of(given.general(), given.frame().shape().ids());
        List<Design> designs = new ArrayList<>(List.of(
                new HeadScaleDesign(given.frame(), Others.DROPPED), new HeadScaleDesign(given.frame(), Others.KEPT)));
        designs.add(HeadScaleDesign.centred(
                given.frame(), Tensors.floats(Ops.mean(given.kit().a().headColumns(), 0))));
        for (Means means : Means.values()) {
            designs.add(OutputDesign.of(Pca.ofOutput(given.general()), means));
            designs.add(ComponentDesign.residual(given.frame(), spectra, means));
            for (Others others : Others.values()) {
                designs.add(ComponentDesign.residualStar(given.frame(), spectra, .8, others, means));
            }
        }
        for (Design design : designs) {
            adapters.add(new Adapter.Spectral(design, values(design.parameters(), 1, random)));
        }
        adapters.add(new Adapter.LinearMap(values(D * D, 0, random), values(D, 0, random)));
        adapters.add(new Adapter.Probe(values(D * CLASSES, 0, random), values(CLASSES, 0, random)));
        adapters.add(new Adapter.Memory(
                Method.TIP,
                Tensors.floats(Ops.normalise(given.kit().a().outputs())),
                given.kit().a().labels(),
                3,
                5));
        adapters.add(new TextHead(Method.GDA, values(D * CLASSES, 0, random), values(CLASSES, 0, random)));
        ComponentDesign star = ComponentDesign.residualStar(given.frame(), spectra, .8, Others.KEPT, Means.RESTORED);
        adapters.add(new SpectralHead(
                new Adapter.Spectral(star, values(star.parameters(), 1, random)),
                new TextHead(Method.RESIDUAL_GDA, values(D * CLASSES, 0, random), values(CLASSES, 0, random))));
        float[] keys = Tensors.floats(Ops.normalise(given.kit().a().outputs()));
        int stored = keys.length / D;
        adapters.add(new KernelVotes(stored, keys, values(stored * CLASSES, 0, random), 5));
        return adapters;
    }

    /** A map of a decision is an exact sum over units and tokens, for the unadapted model and for every method. */
    @Test
    void mapsAddUpToTheLogits_forEveryMethod() {
        Given given = open("clip-hf");
        try (NativeScope scope = NativeScope.inference()) {
            for (Adapter adapter : adapters(given)) {
                Explainer explainer = new Explainer(given.frame(), adapter, given.classifier());
                Explanation explanation = explainer.explain(given.b(), 13);
                LogitMap map = explainer.map(given.b(), given.tokens(), 13, 4, 7);
                double before = explanation.before()[4] - explanation.before()[7];
                double after = explanation.after()[4] - explanation.after()[7];
                double tolerance = 2e-5 * Math.max(10, Math.abs(after));
                assertEquals(before, map.before().total() + map.constantBefore(), 1e-4);
                assertEquals(after, map.after().total() + map.constantAfter(), tolerance, adapter.method() + "");
                assertTrue(map.error() < tolerance, adapter.method() + ": " + map.error());
                boolean noConstants = adapter.method() == Method.BASE || adapter.method() == Method.COARSE;
                for (Explanation.UnitShare share : explanation.units()) {
                    double sum = Arrays.stream(map.before().of(share.unit())).sum()
                            + map.before().constant(share.unit());
                    assertEquals(share.before()[4] - share.before()[7], sum, 1e-4, share.unit() + "");
                    if (noConstants) {
                        double now = Arrays.stream(map.after().of(share.unit())).sum()
                                + map.after().constant(share.unit());
                        assertEquals(share.after()[4] - share.after()[7], now, 1e-4, share.unit() + "");
                    }
                }
            }
        }
    }

    /** Several maps together are what each is alone: the same pass, the same sums. */
    @Test
    void mapsTogether_areTheMapsAlone() {
        Given given = open("clip-hf");
        try (NativeScope scope = NativeScope.inference()) {
            Adapter adapter = adapters(given).get(1);
            Explainer explainer = new Explainer(given.frame(), adapter, given.classifier());
            List<LogitMap> together = explainer.maps(
                    given.b(),
                    given.tokens(),
                    List.of(new Explainer.Contrasted(13, 4, 7), new Explainer.Contrasted(2, 0, 5)));
            LogitMap first = explainer.map(given.b(), given.tokens(), 13, 4, 7);
            LogitMap second = explainer.map(given.b(), given.tokens(), 2, 0, 5);
            assertEquals(2, together.size());
            assertArrayEquals(first.before().parts(), together.get(0).before().parts());
            assertArrayEquals(second.before().parts(), together.get(1).before().parts());
            assertArrayEquals(second.after().parts(), together.get(1).after().parts());
            assertEquals(second.constantAfter(), together.get(1).constantAfter());
            assertEquals(given.b().names().get(2), together.get(1).image());
        }
    }

    /** A component's map adds up to its share. */
    @Test
    void theMapOfAComponent_addsUpToItsShare() {
        Given given = open("clip-hf");
        try (NativeScope scope = NativeScope.inference()) {
            Design design = ComponentDesign.residual(
                    given.frame(), Pca.of(given.general(), given.frame().shape().ids()), Means.RESTORED);
            Explainer explainer = new Explainer(
                    given.frame(),
                    new Adapter.Spectral(design, values(design.parameters(), 1, new Random(6))),
                    given.classifier());
            Explanation.ComponentShare share =
                    explainer.explain(given.b(), 5).components().get(100);
            LogitMap map = explainer.map(given.b(), given.tokens(), 5, 1, 2, share.unit(), share.component());
            assertEquals(share.before()[1] - share.before()[2], map.before().total() + map.constantBefore(), 1e-4);
            assertEquals(share.after()[1] - share.after()[2], map.after().total() + map.constantAfter(), 1e-4);
            assertTrue(map.error() < 1e-4);
        }
    }

    /** û = u + Σ (λ − 1) c φ: what a unit's components change is what the unit changes. */
    @Test
    void componentsOfAUnit_changeWhatTheUnitChanges() {
        Given given = open("clip-hf");
        Adapter.Spectral adapter;
        try (NativeScope scope = NativeScope.inference()) {
            Design design = ComponentDesign.residual(
                    given.frame(), Pca.of(given.general(), given.frame().shape().ids()), Means.RESTORED);
            adapter = new Adapter.Spectral(design, values(design.parameters(), 1, new Random(6)));
        }
        Explanation explanation = given.explain(adapter, 3);
        // The same share in the unadapted model and adapted differ by the embedding's length, too.
        double ratio = Double.NaN;
        for (Explanation.ComponentShare k : explanation.components()) {
            if (Math.abs(k.before()[0]) > 1e-3) {
                double now = k.after()[0] / (k.lambda() * k.before()[0]);
                assertEquals(Double.isNaN(ratio) ? now : ratio, now, 1e-6 * now);
                ratio = now;
            }
        }
        for (Explanation.UnitShare unit : explanation.units()) {
            double change = explanation.components().stream()
                    .filter(k -> k.unit().equals(unit.unit()))
                    .mapToDouble(k -> k.after()[0] * (1 - 1 / k.lambda()))
                    .sum();
            assertEquals(
                    unit.after()[0] - unit.before()[0] * ratio,
                    change,
                    1e-6,
                    unit.unit().toString());
        }
        assertEquals(adapter.parameters(), explanation.components().size());
    }

    private static float[] values(int count, float centre, Random random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = centre + (float) random.nextGaussian();
        }
        return values;
    }
}
