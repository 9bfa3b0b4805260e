package io.residual.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.adapt.Adapter;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.adapt.Design;
import io.residual.adapt.HeadScaleDesign;
import io.residual.adapt.Method;
import io.residual.adapt.OutputDesign;
import io.residual.fixtures.TracedKit;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExplainerTest {
    private static final int D = 48;
    private static final int CLASSES = 10;

    @TempDir
    Path temporary;

    private static Explanation explain(TracedKit kit, Adapter adapter, int i) {
        return new Explainer(kit.frame(), adapter, kit.classifier()).explain(kit.b(), i);
    }

    /** Every unit's share against the kit's own units: u · t / ‖Σ u‖. */
    @ParameterizedTest
    @ValueSource(strings = {"clip-hf", "clip-openclip", "blip-itm"})
    void sharesOfUnits_areThoseOfTheKit(String kit) {
        TracedKit given = TracedKit.unpack(kit, temporary);
        float[] units = given.expected("b.units");
        int r = given.frame().shape().units();
        for (int image : new int[] {0, 57}) {
            Explanation explanation = explain(given, new Adapter.Identity(), image);
            double[] y = new double[D];
            for (int u = 0; u < r; u++) {
                for (int j = 0; j < D; j++) {
                    y[j] += units[(image * r + u) * D + j];
                }
            }
            double norm = Math.sqrt(java.util.Arrays.stream(y).map(v -> v * v).sum());
            for (int u = 0; u < r; u++) {
                for (int c = 0; c < CLASSES; c++) {
                    double expected = 0;
                    for (int j = 0; j < D; j++) {
                        expected += units[(image * r + u) * D + j]
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
        TracedKit given = TracedKit.unpack("clip-hf", temporary);
        Random random = new Random(4);
        List<Adapter> adapters = new ArrayList<>(List.of(new Adapter.Identity()));
        try (NativeScope scope = NativeScope.inference()) {
            List<Spectrum> spectra =
                    Pca.of(given.trace(given.a()), given.frame().shape().ids());
            List<Design> designs = new ArrayList<>(List.of(
                    new HeadScaleDesign(given.frame(), Others.DROPPED),
                    new HeadScaleDesign(given.frame(), Others.KEPT)));
            for (Means means : Means.values()) {
                designs.add(OutputDesign.of(Pca.ofOutput(given.trace(given.a())), means));
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
                    Tensors.floats(Ops.normalise(given.a().outputs())),
                    given.a().labels(),
                    3,
                    5));
            for (Adapter adapter : adapters) {
                Explanation explanation = explain(given, adapter, 13);
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

    /** û = u + Σ (λ − 1) c φ: what a unit's components change is what the unit changes. */
    @Test
    void componentsOfAUnit_changeWhatTheUnitChanges() {
        TracedKit given = TracedKit.unpack("clip-hf", temporary);
        Adapter.Spectral adapter;
        try (NativeScope scope = NativeScope.inference()) {
            Design design = ComponentDesign.residual(
                    given.frame(),
                    Pca.of(given.trace(given.a()), given.frame().shape().ids()),
                    Means.RESTORED);
            adapter = new Adapter.Spectral(design, values(design.parameters(), 1, new Random(6)));
        }
        Explanation explanation = explain(given, adapter, 3);
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
