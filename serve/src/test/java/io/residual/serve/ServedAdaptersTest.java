package io.residual.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.adapt.Adapter;
import io.residual.adapt.HeadsOff;
import io.residual.adapt.KernelVotes;
import io.residual.adapt.Method;
import io.residual.adapt.SpectralHead;
import io.residual.adapt.TextHead;
import io.residual.base.Progress;
import io.residual.catalogue.Models;
import io.residual.data.Dataset;
import io.residual.data.Split;
import io.residual.fixtures.MadeUpAdapter;
import io.residual.model.HeldHead;
import io.residual.model.ImageTextModel;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.Tracer;
import io.residual.web.Gate;
import io.residual.world.EmbeddedModels;
import io.residual.world.WorldDatasets;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters of every form, served: the probabilities are those of the unfolded adapter on traces of the same images. */
class ServedAdaptersTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int IMAGES = 3;
    private static final int STORED = 9;

    /** No image is given up because the machine is busy. */
    private static final Limits PATIENT =
            new Limits(Limits.DEFAULT.queue(), Limits.DEFAULT.bytes(), Limits.DEFAULT.pixels(), Duration.ofHours(1));

    /** Several classes get a share, so that a wrong logit shows. */
    private static final double SPREAD = .3;

    @TempDir
    Path folder;

    private static ImageTextModel model;
    private static Dataset dataset;
    private static Trace<Split.Validation> trace;
    private static Classifier classifier;
    private static int width;

    @BeforeAll
    static void prepare() {
        model = Models.open(EmbeddedModels.WORLD_CLIP);
        dataset = WorldDatasets.of(WorldDatasets.task("textures")).atMost(20, 40, 20, 0);
        trace = new Tracer(model).trace(dataset.validation(), "textures", Progress.silent());
        classifier = Classifier.fromPrompts(model, dataset.prompts());
        width = classifier.weights().length / classifier.classes().size();
    }

    @AfterAll
    static void end() {
        model.close();
    }

    @Test
    void aClassifierBesideThePrompts_isServed() throws Exception {
        served(beside(Method.GDA, 4), model);
    }

    @Test
    void weightedComponentsWithAClassifier_areServed() throws Exception {
        served(
                new SpectralHead(
                        MadeUpAdapter.residual(trace, k -> 1 + SPREAD * Math.sin(k)), beside(Method.RESIDUAL_GDA, 3)),
                model);
    }

    @Test
    void votesOfStoredImages_areServed() throws Exception {
        float[] keys = waves(STORED * width, .1);
        served(new KernelVotes(STORED, keys, waves(STORED * classifier.classes().size(), 5), 2), model);
        served(new Adapter.Memory(Method.TIP, keys, new int[] {0, 1, 2, 3, 4, 5, 0, 1, 2}, 3, 2), model);
    }

    @Test
    void aProbe_isServed() throws Exception {
        int classes = classifier.classes().size();
        served(new Adapter.Probe(waves(width * classes, .2), waves(classes, 1)), model);
    }

    @Test
    void aLinearMap_isServed() throws Exception {
        served(new Adapter.LinearMap(Method.RLA, waves(width * width, .2), new float[width]), model);
    }

    /** Later layers are computed from what is left, so the trace is one of the model with the heads off. */
    @Test
    void headsOff_areServed() throws Exception {
        int last = model.image().config().layers() - 1;
        HeadsOff off =
                new HeadsOff(List.of(new HeldHead(0, 1, 0, new float[0]), new HeldHead(last, 0, .5f, new float[0])));
        List<double[]> changed = served(off, off.on(model));
        List<double[]> unchanged = expected(off, model);
        double most = 0;
        for (int c = 0; c < changed.get(0).length; c++) {
            most = Math.max(most, Math.abs(changed.get(0)[c] - unchanged.get(0)[c]));
        }
        assertTrue(most > 1e-3, "heads that matter: " + most);
    }

    private static TextHead beside(Method method, double height) {
        int classes = classifier.classes().size();
        return new TextHead(method, waves(width * classes, height), waves(classes, 1));
    }

    private static float[] waves(int count, double height) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (height * Math.sin(1.7 * i + .3));
        }
        return values;
    }

    /** Serves an adapter, and compares; gives what was expected. */
    private List<double[]> served(Adapter adapter, ImageTextModel seen) throws Exception {
        Path file = folder.resolve(adapter.method().id() + ".adapter");
        MadeUpAdapter.file(adapter, classifier, trace.provenance()).write(file);
        List<double[]> wanted = expected(adapter, seen);
        try (PredictionServer server =
                PredictionServer.start(model, file, false, "127.0.0.1", 0, Gate.of("127.0.0.1", null), PATIENT)) {
            for (int i = 0; i < IMAGES; i++) {
                JsonNode found = MAPPER.readTree(post(
                                server,
                                PredictionServerTest.png(dataset.validation().read(i)))
                        .body());
                assertEquals(classifier.classes().size(), found.path("top").size(), found.toString());
                for (JsonNode one : found.path("top")) {
                    int c = classifier.classes().indexOf(one.path("class").asText());
                    // 32-bit sums in another order, and logits up to 20: in the seventh digit.
                    assertEquals(
                            wanted.get(i)[c],
                            one.path("probability").asDouble(),
                            1e-4,
                            adapter.method().id() + ", image " + i + ", " + one);
                }
            }
        }
        return wanted;
    }

    private static List<double[]> expected(Adapter adapter, ImageTextModel seen) {
        Trace<Split.Validation> own =
                seen == model ? trace : new Tracer(seen).trace(dataset.validation(), "textures", Progress.silent());
        int classes = classifier.classes().size();
        try (NativeScope scope = NativeScope.inference()) {
            double[] logits = Tensors.doubles(adapter.logits(own.blocks().get(0), classifier));
            return IntStream.range(0, IMAGES)
                    .mapToObj(i -> MadeUpAdapter.CALIBRATION.probabilities(logits, i * classes, classes))
                    .toList();
        }
    }

    private static HttpResponse<String> post(PredictionServer server, byte[] body)
            throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create(server.address().replaceAll("\\?.*", "") + "v1/predict?top=6"))
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
