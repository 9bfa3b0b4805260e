package io.residual.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.adapt.Adapter;
import io.residual.adapt.Calibration;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.adapt.HeadScaleDesign;
import io.residual.adapt.HeadsOff;
import io.residual.adapt.KernelVotes;
import io.residual.adapt.Method;
import io.residual.adapt.OutputDesign;
import io.residual.adapt.SpectralHead;
import io.residual.adapt.TextHead;
import io.residual.data.Split;
import io.residual.fixtures.KitFixture;
import io.residual.fixtures.SeededOpenClip;
import io.residual.images.Preprocessing;
import io.residual.model.HeldHead;
import io.residual.model.ImageTextModel;
import io.residual.provenance.Provenance;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitShape;
import io.residual.where.TokenTrace;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every family and every kind of adapter through ONNX Runtime, against the adapter's own definition on the trace (units and
 * components, nothing folded).
 */
class OnnxExportTest {
    private static final int CLASSES = 7;
    private static final Calibration CALIBRATION = new Calibration(1.7, .6, .95, .95, .8);

    @TempDir
    Path temporary;

    private Path kit(String name) throws IOException {
        if (name.equals("open-clip-mean")) { // read at the mean of its patches
            String config = "{'embed_dim': 24, 'vision_cfg': {'image_size': 32, 'layers': 3, 'width': 32, 'head_width':"
                    + " 8,'patch_size': 8, 'pool_type': 'avg'}, 'text_cfg': {'context_length': 8, 'vocab_size':"
                    + " 16, 'width': 16,'heads': 2, 'layers': 1}}";
            return SeededOpenClip.write(new ObjectMapper().readTree(config.replace('\'', '"')), temporary);
        }
        return KitFixture.model(name, temporary);
    }

    private static float[] random(int count, long seed, double scale) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (scale * random.nextGaussian());
        }
        return values;
    }

    private static float[] around(int count, double amount) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (1 + amount * Math.sin(i));
        }
        return values;
    }

    private static List<Adapter> adapters(Tracer tracer, TraceBlock block, int d) {
        Trace<Split.Train> trace =
                new Trace<>(tracer.frame(), List.of(block), List.of(), Provenance.now("model", "data", 0, 0, Map.of()));
        List<Spectrum> spectra = Pca.of(trace, tracer.frame().shape().ids());
        List<Adapter> adapters = new ArrayList<>(List.of(new Adapter.Identity()));
        for (Means means : Means.values()) {
            ComponentDesign all = ComponentDesign.residual(tracer.frame(), spectra, means);
            adapters.add(new Adapter.Spectral(all, around(all.parameters(), .5)));
            for (Others others : Others.values()) {
                ComponentDesign star = ComponentDesign.residualStar(tracer.frame(), spectra, .8, others, means);
                adapters.add(new Adapter.Spectral(star, around(star.parameters(), .5)));
            }
            OutputDesign output = OutputDesign.of(Pca.ofOutput(trace), means);
            adapters.add(new Adapter.Spectral(output, around(output.parameters(), .5)));
        }
        for (Others others : Others.values()) {
            HeadScaleDesign coarse = new HeadScaleDesign(tracer.frame(), others);
            adapters.add(new Adapter.Spectral(coarse, around(coarse.parameters(), .5)));
        }
        int columns = tracer.frame().shape().allHeads() * tracer.frame().columnsOfHead();
        HeadScaleDesign ablated = HeadScaleDesign.centred(tracer.frame(), random(columns, 9, .5));
        adapters.add(new Adapter.Spectral(ablated, around(ablated.parameters(), .5)));
        adapters.add(new Adapter.LinearMap(random(d * d, 4, 1 / Math.sqrt(d)), random(d, 5, .1)));
        adapters.add(new Adapter.Probe(random(d * CLASSES, 6, .3), random(CLASSES, 7, .3)));
        float[] keys = random(9 * d, 8, 1 / Math.sqrt(d));
        adapters.add(new Adapter.Memory(Method.TIP, keys, new int[] {0, 1, 2, 3, 4, 5, 6, 0, 1}, 2, 3));
        adapters.add(new TextHead(Method.GDA, random(d * CLASSES, 9, .3), random(CLASSES, 10, .3)));
        ComponentDesign star = ComponentDesign.residualStar(tracer.frame(), spectra, .8, Others.KEPT, Means.RESTORED);
        adapters.add(new SpectralHead(
                new Adapter.Spectral(star, around(star.parameters(), .5)),
                new TextHead(Method.RESIDUAL_GDA, random(d * CLASSES, 13, .3), random(CLASSES, 14, .3))));
        adapters.add(new KernelVotes(9, keys, random(9 * CLASSES, 11, 2), 3));
        UnitShape shape = tracer.frame().shape();
        int tokens = TokenTrace.of(tracer.model().image(), one(tracer.model())).tokens();
        adapters.add(new HeadsOff(List.of(new HeldHead(0, 1, 0, new float[0]))));
        float[] added = random(tokens * shape.headWidth(), 15, .3);
        adapters.add(new HeadsOff(
                List.of(new HeldHead(shape.layers() - 1, 0, 0, added), new HeldHead(0, 0, .5f, added.clone()))));
        adapters.add(new Adapter.LinearMap(Method.RLA, random(d * d, 12, 1 / Math.sqrt(d)), new float[d]));
        return adapters;
    }

    /** [1, 3, height, width] */
    private static Tensor one(ImageTextModel model) {
        Preprocessing size = model.preprocessing();
        return Tensors.of(new float[size.inputLength()], 1, 3, size.inputHeight(), size.inputWidth());
    }

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
                "dinov3",
                "open-clip-mean"
            })
    void theFile_givesWhatTheAdapterGives(String family) throws Exception {
        OrtEnvironment runtime = OrtEnvironment.getEnvironment();
        try (ImageTextModel model = ImageTextModel.open(kit(family))) {
            Preprocessing preprocessing = model.preprocessing();
            int n = 12;
            float[] pixels = random(n * preprocessing.inputLength(), 1, 1);
            Tracer tracer = new Tracer(model);
            TraceBlock plain = tracer.encode(pixels, new int[n], Collections.nCopies(n, "x"));
            int d = tracer.frame().shape().sharedWidth();
            Classifier classifier = new Classifier(
                    IntStream.range(0, CLASSES)
                            .mapToObj(c -> "class \"" + c + "\" ü")
                            .toList(),
                    random(d * CLASSES, 3, 5 / Math.sqrt(d)));
            long[] shape = {n, 3, preprocessing.inputHeight(), preprocessing.inputWidth()};
            int files = 0;
            for (Adapter adapter : adapters(tracer, plain, d)) {
                ImageTextModel seen = adapter.on(model);
                TraceBlock block = adapter instanceof HeadsOff
                        ? new Tracer(seen).encode(pixels, new int[n], Collections.nCopies(n, "x"))
                        : plain;
                Path file = temporary.resolve("model" + files++ + ".onnx");
                OnnxExport.write(file, model, adapter, classifier, CALIBRATION, null);
                try (OrtSession session = runtime.createSession(file.toString());
                        OnnxTensor input = OnnxTensor.createTensor(runtime, java.nio.FloatBuffer.wrap(pixels), shape);
                        OrtSession.Result result = session.run(Map.of("pixel_values", input));
                        NativeScope scope = NativeScope.inference()) {
                    double[] logits = Tensors.doubles(adapter.logits(block, classifier));
                    double[] embeds = Tensors.doubles(Ops.normalise(adapter.features(block)));
                    String what = family + ", " + adapter.method() + " #" + files;
                    close(logits, values(result, "logits"), 1e-4, what);
                    close(embeds, values(result, "image_embeds"), 1e-4, what);
                    double[] probabilities = new double[logits.length];
                    for (int i = 0; i < n; i++) {
                        System.arraycopy(
                                CALIBRATION.probabilities(logits, i * CLASSES, CLASSES),
                                0,
                                probabilities,
                                i * CLASSES,
                                CLASSES);
                    }
                    close(probabilities, values(result, "probabilities"), 1e-4, what);
                    Map<String, String> metadata = session.getMetadata().getCustomMetadata();
                    assertTrue(
                            Objects.requireNonNull(metadata.get("classes")).contains("class \\\"3\\\" ü"),
                            metadata.toString());
                    assertEquals("1.7", metadata.get("temperature"));
                    assertEquals(model.hash(), metadata.get("model_hash"));
                }
            }
            assertEquals(21, files);
        }
    }

    /** The batch's size is not fixed. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void anyNumberOfImages_fits(int n) throws Exception {
        OrtEnvironment runtime = OrtEnvironment.getEnvironment();
        try (ImageTextModel model = ImageTextModel.open(kit("clip-hf"))) {
            int d = model.image().config().sharedWidth();
            Classifier classifier = new Classifier(List.of("a", "b"), random(2 * d, 3, 1));
            Path file = temporary.resolve("model.onnx");
            OnnxExport.write(file, model, new Adapter.Identity(), classifier, CALIBRATION, null);
            Preprocessing preprocessing = model.preprocessing();
            long[] shape = {n, 3, preprocessing.inputHeight(), preprocessing.inputWidth()};
            float[] pixels = random(n * preprocessing.inputLength(), 1, 1);
            try (OrtSession session = runtime.createSession(file.toString());
                    OnnxTensor input = OnnxTensor.createTensor(runtime, java.nio.FloatBuffer.wrap(pixels), shape);
                    OrtSession.Result result = session.run(Map.of("pixel_values", input))) {
                float[] probabilities = values(result, "probabilities");
                assertEquals(2 * n, probabilities.length);
                assertEquals(1, probabilities[0] + probabilities[1], 1e-6);
            }
        }
    }

    private static float[] values(OrtSession.Result result, String name) throws OrtException {
        var buffer = ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    /** To a share of the largest: 32-bit sums in another order. */
    private static void close(double[] wanted, float[] found, double tolerance, String what) {
        assertEquals(wanted.length, found.length, what);
        double largest = Math.max(1, Arrays.stream(wanted).map(Math::abs).max().orElse(0));
        for (int i = 0; i < wanted.length; i++) {
            assertEquals(wanted[i], found[i], tolerance * largest, what + " at " + i);
        }
        assertTrue(largest > 0, what);
    }
}
