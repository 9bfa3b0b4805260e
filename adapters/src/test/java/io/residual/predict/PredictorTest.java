package io.residual.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.base.InputException;
import io.residual.data.Prompts;
import io.residual.data.Split;
import io.residual.fixtures.KitFixture;
import io.residual.fixtures.MadeUpAdapter;
import io.residual.fixtures.TracedKit;
import io.residual.images.Image;
import io.residual.model.ImageTextModel;
import io.residual.spectrum.Pca;
import io.residual.tensor.NativeRuntime;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.weights.SafetensorsFile;
import io.residual.zeroshot.Classifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictorTest {
    private static final double TEMPERATURE = .4;
    private static final Calibration CALIBRATION = new Calibration(TEMPERATURE, .3, .95, .96, .5);
    private static final List<String> CLASSES =
            IntStream.range(0, 10).mapToObj(i -> "class " + i).toList();

    @TempDir
    Path temporary;

    /** An adapter with arbitrary weights, written for the kit's model. */
    private static AdapterFile adapter(Path kit, Path target) {
        TracedKit traced = TracedKit.of(kit);
        Trace<Split.Train> trace = traced.trace(traced.a());
        Random random = new Random(1);
        Adapter adapter = MadeUpAdapter.weighted(
                ComponentDesign.residualStar(
                        traced.frame(), Pca.of(trace, traced.a().shape().headIds()), .8, Others.KEPT, Means.RESTORED),
                k -> 1 + random.nextGaussian());
        Classifier classifier = new Classifier(CLASSES, traced.classifier().weights());
        AdapterFile written = MadeUpAdapter.file(adapter, classifier, CALIBRATION, trace.provenance());
        written.write(target);
        return written;
    }

    /** Against the trace, the adapter's unfolded form and the definition of the softmax with a temperature. */
    @Test
    void predictions_areTheAdaptersOwn() {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        Path path = temporary.resolve("kit.adapter");
        AdapterFile written = adapter(kit, path);
        try (Predictor predictor = Predictor.open(kit, path);
                ImageTextModel model = ImageTextModel.open(kit);
                SafetensorsFile file = SafetensorsFile.open(kit.resolve("expected.safetensors"));
                NativeScope scope = NativeScope.inference()) {
            int[] labels = Tensors.ints(file.read("b.labels"));
            float[] pixels = Tensors.floats(file.read("b.pixel_values"));
            TraceBlock b = new Tracer(model).encode(pixels, labels, Collections.nCopies(labels.length, ""));
            double[] logits = Tensors.doubles(written.adapter().logits(b, written.classifier()));
            List<Prediction> predictions = predictor.predict(pixels, labels.length);
            int accepted = 0;
            for (int i = 0; i < labels.length; i++) {
                double sum = 0;
                for (int c = 0; c < 10; c++) {
                    sum += Math.exp(logits[i * 10 + c] / TEMPERATURE);
                }
                Prediction p = predictions.get(i);
                for (int c = 0; c < 10; c++) {
                    // Logits reach some tens and differ by 2e-5 of that between the two forms.
                    assertEquals(
                            Math.exp(logits[i * 10 + c] / TEMPERATURE) / sum,
                            p.probabilities().get(c),
                            1e-3);
                }
                assertEquals(Collections.max(p.probabilities()), p.probability());
                assertEquals(CLASSES.get(p.chosen()), p.label());
                assertEquals(p.probability() >= .3, p.accepted());
                accepted += p.accepted() ? 1 : 0;
            }
            assertTrue(accepted > 0 && accepted < labels.length, accepted + " accepted: both cases must occur");
            assertRows(Tensors.floats(written.adapter().features(b)), predictor.embed(pixels, labels.length));
            assertEquals(List.of(), predictor.predict(new float[0], 0));
        }
    }

    private static void assertRows(float[] features, float[] unit) {
        int d = 48;
        for (int i = 0; i < unit.length / d; i++) {
            double norm = 0;
            for (int j = 0; j < d; j++) {
                norm += features[i * d + j] * (double) features[i * d + j];
            }
            for (int j = 0; j < d; j++) {
                assertEquals(features[i * d + j] / Math.sqrt(norm), unit[i * d + j], 1e-4);
            }
        }
    }

    /**
     * Native memory does not grow with calls: {@code -Dresidual.calls=1000000} for the long form. One forgotten input alone would be
     * 12 KB a call, 120 MB here; the heap is left out, since when it is collected is its own business.
     */
    @Tag("thorough")
    @Test
    void manyCalls_leaveNoMemoryBehind() {
        int calls = Integer.getInteger("residual.calls", 10_000);
        Path kit = KitFixture.unpack("clip-hf", temporary);
        Path path = temporary.resolve("kit.adapter");
        adapter(kit, path);
        try (Predictor predictor = Predictor.open(kit, path)) {
            float[] pixels = new float[predictor.preprocessing().inputLength()];
            call(predictor, pixels, 4000); // pools fill up, methods are compiled
            long before = beyondTheHeap();
            call(predictor, pixels, calls);
            long grown = beyondTheHeap() - before;
            System.getLogger(PredictorTest.class.getName())
                    .log(System.Logger.Level.INFO, "{0} calls: {1} KB more than before", calls, grown >> 10);
            assertTrue(grown < 25 << 20, () -> calls + " calls: grew by " + (grown >> 20) + " MB");
        }
    }

    private static void call(Predictor predictor, float[] pixels, int times) {
        for (int i = 0; i < times; i++) {
            pixels[i % pixels.length] = i % 7 - 3;
            if (i % 2 == 0) {
                assertEquals(1, predictor.predict(pixels, 1).size());
            } else {
                assertEquals(48, predictor.embed(pixels, 1).length);
            }
        }
    }

    private static long beyondTheHeap() {
        return NativeRuntime.memory() - Runtime.getRuntime().totalMemory();
    }

    @Test
    void severalThreads_getWhatOneGets() throws ExecutionException, InterruptedException {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        Path path = temporary.resolve("kit.adapter");
        adapter(kit, path);
        try (Predictor predictor = Predictor.open(kit, path)) {
            List<Image> images = new ArrayList<>();
            Random random = new Random(2);
            for (int i = 0; i < 6; i++) {
                byte[] rgb = new byte[40 * 30 * 3];
                random.nextBytes(rgb);
                images.add(new Image(40, 30, rgb));
            }
            List<Prediction> alone = predictor.predict(images);
            ExecutorService threads = Executors.newFixedThreadPool(4);
            try {
                List<Future<List<Prediction>>> all = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    all.add(threads.submit(() -> predictor.predict(images)));
                }
                for (Future<List<Prediction>> each : all) {
                    for (int i = 0; i < alone.size(); i++) {
                        assertEquals(alone.get(i).chosen(), each.get().get(i).chosen());
                        assertEquals(
                                alone.get(i).probability(), each.get().get(i).probability(), 1e-5);
                    }
                }
            } finally {
                threads.shutdownNow();
            }
        }
    }

    @Test
    void zeroShot_isTheModelsOwnAnswer() {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        Prompts prompts = new Prompts(List.of("cat", "dog", "ship"), List.of("a photo of a {}."));
        try (Predictor predictor = Predictor.zeroShot(ImageTextModel.open(kit), prompts);
                ImageTextModel model = ImageTextModel.open(kit);
                SafetensorsFile file = SafetensorsFile.open(kit.resolve("expected.safetensors"));
                NativeScope scope = NativeScope.inference()) {
            float[] pixels = Tensors.floats(file.read("b.pixel_values"));
            int n = (int) file.read("b.labels").size(0);
            int[] want = Tensors.ints(io.residual.tensor.Ops.argmaxRows(
                    Classifier.fromPrompts(model, prompts).logits(file.read("b.image_features"))));
            int[] got = predictor.predict(pixels, n).stream()
                    .mapToInt(Prediction::chosen)
                    .toArray();
            assertArrayEquals(want, got);
            assertTrue(predictor.predict(pixels, n).stream().allMatch(Prediction::accepted));
        }
    }

    /** σ(logit + b) of the reference's logits, whatever the adapter does to embeddings; the fixture's b is −7.5. */
    @Test
    void matches_areSiglipsOwnProbabilities() {
        Path kit = KitFixture.unpack("siglip", temporary);
        Path path = temporary.resolve("kit.adapter");
        adapter(kit, path);
        try (Predictor predictor = Predictor.open(kit, path);
                SafetensorsFile file = SafetensorsFile.open(kit.resolve("expected.safetensors"));
                NativeScope scope = NativeScope.inference()) {
            double[] logits = Tensors.doubles(file.read("b.logits"));
            List<Prediction> all = predictor.predict(Tensors.floats(file.read("b.pixel_values")), logits.length / 10);
            for (int i = 0; i < all.size(); i++) {
                int best = 0;
                for (int c = 0; c < 10; c++) {
                    double expected = 1 / (1 + Math.exp(7.5 - logits[i * 10 + c]));
                    assertEquals(expected, all.get(i).matches().get(c), 1e-5);
                    best = logits[i * 10 + c] > logits[i * 10 + best] ? c : best;
                }
                Prediction own = all.get(i).byMatch(predictor.classes());
                assertEquals(CLASSES.get(best), own.label());
                assertEquals(own.matches().get(best), own.probability());
                assertEquals(own.probability() >= .5, own.accepted());
                assertEquals(own.accepted(), !own.matching().isEmpty());
            }
        }
    }

    @Test
    void aModelThatComparesClasses_hasNoMatches() {
        Path kit = KitFixture.model("clip-hf", temporary);
        Prompts prompts = new Prompts(List.of("cat", "dog"), List.of("a photo of a {}."));
        try (Predictor predictor = Predictor.zeroShot(ImageTextModel.open(kit), prompts)) {
            Prediction one = predictor
                    .predict(List.of(new Image(8, 8, new byte[8 * 8 * 3])))
                    .get(0);
            assertEquals(List.of(), one.matches());
            assertThrows(InputException.class, predictor::requirePairsAlone);
        }
    }

    @Test
    void anotherModelsAdapter_isRefused() {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        Path path = temporary.resolve("kit.adapter");
        adapter(kit, path);
        Path other = KitFixture.unpack("clip-openclip", temporary);
        assertThrows(InputException.class, () -> Predictor.open(other, path).close());
    }
}
