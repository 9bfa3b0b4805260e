package io.residual.adapt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.data.Split;
import io.residual.fixtures.KitFixture;
import io.residual.fixtures.TracedKit;
import io.residual.model.ImageTextModel;
import io.residual.model.Residuals;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitFrame;
import io.residual.weights.SafetensorsFile;
import io.residual.zeroshot.Classifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The deployed form against the one that fits: the same embeddings and logits from one pass over the tower. */
class FoldedAdapterTest {
    @TempDir
    Path temporary;

    /** Means and components of one set of images, applied to another. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "clip-hf",
                "clip-openclip",
                "blip-itm",
                "dinov2",
                "vit",
                "siglip",
                "siglip2",
                "dinov2-registers",
                "dinov3"
            })
    void everyMethod_isTheSameFoldedAndUnfolded(String kit) {
        Path folder = KitFixture.unpack(kit, temporary);
        try (ImageTextModel model = ImageTextModel.open(folder);
                SafetensorsFile file = SafetensorsFile.open(folder.resolve("expected.safetensors"));
                NativeScope scope = NativeScope.inference()) {
            TracedKit traced = TracedKit.of(folder);
            UnitFrame frame = traced.frame();
            TraceBlock a = traced.a();
            TraceBlock b = traced.b();
            Trace<Split.Train> general = traced.trace(a);
            Classifier classifier = traced.classifier();
            Residuals residuals = model.image().trace(file.read("b.pixel_values"));
            for (Adapter adapter : adapters(frame, general, a)) {
                try (FoldedAdapter folded = FoldedAdapter.of(adapter, classifier, frame, model.image())) {
                    String what = kit + ", " + adapter.method().label();
                    // Sums of a few hundred to a few thousand 32-bit products in another order.
                    close(adapter.features(b), folded.features(residuals), 2e-5, what + ", features");
                    close(
                            adapter.logits(b, classifier),
                            folded.logits(folded.features(residuals)),
                            2e-5,
                            what + ", logits");
                }
            }
        }
    }

    private static void close(Tensor want, Tensor got, double tolerance, String what) {
        assertEquals(want.size(1), got.size(1), what);
        double largest = Ops.maxAbs(want);
        assertTrue(largest > 0, what);
        assertEquals(0, Ops.maxAbs(want.sub(got)) / largest, tolerance, what);
    }

    private static List<Adapter> adapters(UnitFrame frame, Trace<Split.Train> general, TraceBlock a) {
        List<Spectrum> spectra = Pca.of(general, frame.shape().ids());
        Spectrum output = Pca.ofOutput(general);
        List<Design> designs = new ArrayList<>(
                List.of(new HeadScaleDesign(frame, Others.DROPPED), new HeadScaleDesign(frame, Others.KEPT)));
        designs.add(HeadScaleDesign.centred(frame, Tensors.floats(Ops.mean(a.headColumns(), 0))));
        for (Means means : Means.values()) {
            designs.add(ComponentDesign.residual(frame, spectra, means));
            designs.add(OutputDesign.of(output, means));
            for (Others others : Others.values()) {
                designs.add(ComponentDesign.residualStar(frame, spectra, .8, others, means));
                designs.add(new ComponentDesign(
                        Method.RESIDUAL,
                        frame,
                        spectra.stream()
                                .map(s -> ComponentDesign.Part.of(s, Math.min(s.rank(), 3)))
                                .toList(),
                        others,
                        means));
            }
        }
        Random random = new Random(5);
        List<Adapter> adapters = new ArrayList<>();
        for (Design design : designs) {
            adapters.add(new Adapter.Spectral(design, values(design.parameters(), 1, random)));
        }
        int d = frame.shape().sharedWidth();
        adapters.add(new Adapter.Identity());
        adapters.add(new Adapter.LinearMap(values(d * d, 0, random), values(d, 0, random)));
        adapters.add(new Adapter.Probe(values(d * 10, 0, random), values(10, 0, random)));
        adapters.add(new Adapter.Memory(Method.TIP, Tensors.floats(Ops.normalise(a.outputs())), a.labels(), 2.5f, 4));
        adapters.add(new TextHead(Method.CLAP, values(d * 10, 0, random), values(10, 0, random)));
        ComponentDesign star = ComponentDesign.residualStar(
                frame, spectra, .8, ComponentDesign.Others.KEPT, ComponentDesign.Means.RESTORED);
        adapters.add(new SpectralHead(
                new Adapter.Spectral(star, values(star.parameters(), 1, random)),
                new TextHead(Method.RESIDUAL_GDA, values(d * 10, 0, random), values(10, 0, random))));
        float[] keys = Tensors.floats(Ops.normalise(a.outputs()));
        adapters.add(new KernelVotes(keys.length / d, keys, values(keys.length / d * 10, 0, random), 4));
        return adapters;
    }

    private static float[] values(int count, float centre, Random random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = centre + (float) random.nextGaussian();
        }
        return values;
    }

    /** An adapter that weighs heads alone reads nothing else of the stream: its matrix is L·d wide. */
    @Test
    void anAdapterOfHeads_foldsToTheirWidth() {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        try (ImageTextModel model = ImageTextModel.open(folder);
                NativeScope scope = NativeScope.inference()) {
            UnitFrame frame = new Tracer(model).frame();
            Folding folding = new Folding(frame, model.image());
            Design design = new HeadScaleDesign(frame, Others.DROPPED);
            design.fold(folding, new float[design.parameters()]);
            int d = model.image().config().width();
            float[] columns = folding.map().columns();
            assertEquals(
                    frame.shape().sharedWidth() * frame.shape().layers() * d, columns == null ? 0 : columns.length);
        }
    }
}
