package io.residual.explorer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.FoldedAdapter;
import io.residual.adapt.Method;
import io.residual.adapt.SpectralHead;
import io.residual.adapt.TextHead;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.catalogue.Models;
import io.residual.data.Dataset;
import io.residual.data.Split;
import io.residual.description.Dictionary;
import io.residual.fixtures.MadeUpAdapter;
import io.residual.images.UnreadableImageException;
import io.residual.intervene.Change;
import io.residual.intervene.Interventions;
import io.residual.model.ImageTextModel;
import io.residual.predict.EffectStudy;
import io.residual.predict.TextLogit;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.web.Gate;
import io.residual.world.EmbeddedModels;
import io.residual.world.WorldDatasets;
import io.residual.zeroshot.Classifier;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The served pages, over HTTP and in a real browser, on the model that ships and an adapter with weights from a formula. */
class ExploreTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String HOSTILE = "<script>document.title='owned'</script>";

    @TempDir
    static Path folder;

    @TempDir
    Path temporary;

    private static ImageTextModel model;
    private static Trace<Split.Validation> trace;
    private static Classifier classifier;
    private static Adapter.Spectral adapter;
    private static Workbench bench;
    private static ExploreServer server;
    private static ObjectNode data;
    private static Dataset dataset;
    private static ReportSource source;
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void serve() {
        model = Models.open(EmbeddedModels.WORLD_CLIP);
        dataset = WorldDatasets.of(WorldDatasets.task("textures")).atMost(20, 200, 20, 0);
        List<String> classes = new ArrayList<>(dataset.prompts().classes());
        classes.set(0, HOSTILE);
        Tracer tracer = new Tracer(model);
        trace = tracer.trace(dataset.validation(), "textures", Progress.silent());
        classifier = new Classifier(
                classes, Classifier.fromPrompts(model, dataset.prompts()).weights());
        adapter = MadeUpAdapter.residual(trace, k -> 1 + .5 * Math.sin(k));
        AdapterFile file = MadeUpAdapter.file(
                adapter, classifier, Calibration.fit(adapter, classifier, trace, .95), trace.provenance());
        source = new ReportSource(
                model,
                dataset,
                trace,
                List.of(new ReportSource.Named("formula.adapter", file)),
                List.of(),
                List.of(),
                Dictionary.of(Dictionary.shippedTexts(), model),
                null);
        bench = new Workbench(source, folder);
        data = ReportData.of(source, Progress.silent());
        server = ExploreServer.start("127.0.0.1", 0, Gate.of("127.0.0.1", null), data, bench);
    }

    @AfterAll
    static void stop() {
        server.close();
        bench.close();
        model.close();
    }

    @BeforeEach
    void asItWasLearned() {
        bench.interpolation(1);
    }

    /** residual-gda: λ are shown and turned, and the classifier beside the prompts stays. */
    @Test
    void weightsBesideAClassifier_areShownAndTurned() {
        int c = classifier.classes().size();
        float[] w = new float[classifier.weights().length];
        float[] b = new float[c];
        for (int i = 0; i < w.length; i++) {
            w[i] = (float) Math.sin(i);
            b[i % c] = (float) Math.cos(i);
        }
        SpectralHead both = new SpectralHead(adapter, new TextHead(Method.RESIDUAL_GDA, w, b));
        assertEquals(
                UnitViews.weighed(adapter, classifier, trace).keySet(),
                UnitViews.weighed(both, classifier, trace).keySet());
        AdapterFile file =
                MadeUpAdapter.file(both, classifier, Calibration.fit(both, classifier, trace, .95), trace.provenance());
        try (LiveAdapter live = new LiveAdapter(file, "gda.adapter", trace)) {
            assertEquals(accuracy(both), live.state().accuracy(), 1e-9);
            live.turn("L3.H1", 0, -20);
            float[] turned = adapter.lambdas().clone();
            ComponentDesign design = (ComponentDesign) adapter.design();
            int at = 0;
            for (ComponentDesign.Part part : design.parts()) {
                if (part.unit().toString().equals("L3.H1")) {
                    turned[at] = -20;
                }
                at += part.kept();
            }
            SpectralHead expected = new SpectralHead(new Adapter.Spectral(design, turned), both.head());
            assertEquals(accuracy(expected), live.state().accuracy(), 1e-9);
            assertEquals(accuracy(expected), accuracy(live.adapter()), 1e-9);
            assertEquals(Method.RESIDUAL_GDA, live.adapter().method());
        }
    }

    private static double accuracy(Adapter of) {
        int right = 0;
        int at = 0;
        for (Calibration.Decision decision : Calibration.decisions(
                Calibration.logits(of, classifier, trace), classifier.classes().size(), 1)) {
            right += decision.chosen() == trace.labels()[at++] ? 1 : 0;
        }
        return (double) right / at;
    }

    private HttpResponse<String> ask(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.address() + path));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, byte[] body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.address() + path))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body, String... headers)
            throws IOException, InterruptedException {
        return post(path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    private JsonNode done(String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> response = post(path, body);
        assertEquals(200, response.statusCode(), response.body());
        return MAPPER.readTree(response.body());
    }

    /** Accuracy and confusion of an adapter, by the alignment package, image by image. */
    private static int[][] confusion(Adapter of) {
        int c = classifier.classes().size();
        int[][] confusion = new int[c][c];
        int at = 0;
        for (double[] logits : Calibration.logits(of, classifier, trace)) {
            for (int from = 0; from < logits.length; from += c) {
                int best = 0;
                for (int k = 1; k < c; k++) {
                    best = logits[from + k] > logits[from + best] ? k : best;
                }
                confusion[trace.labels()[at++]][best]++;
            }
        }
        return confusion;
    }

    private static int[][] matrix(JsonNode state) {
        return MAPPER.convertValue(state.path("confusion"), int[][].class);
    }

    @Test
    void turningADial_aHead_aComponent_givesWhatSuchAnAdapterGives() throws Exception {
        JsonNode state = MAPPER.readTree(ask("api/state").body());
        assertArrayEquals(confusion(adapter), matrix(state));
        assertArrayEquals(confusion(adapter.interpolated(.3)), matrix(done("api/interpolation", "{\"value\": 0.3}")));
        done("api/interpolation", "{\"value\": 1}");
        float[] lambdas = adapter.lambdas().clone();
        // The third head's components: ResiDual weighs all heads and MLPs in order.
        ComponentDesign design = (ComponentDesign) adapter.design();
        int from = design.parts().get(0).kept() + design.parts().get(1).kept();
        for (int k = from; k < from + design.parts().get(2).kept(); k++) {
            lambdas[k] *= -4;
        }
        String unit = design.parts().get(2).unit().toString();
        assertArrayEquals(
                confusion(new Adapter.Spectral(design, lambdas)),
                matrix(done("api/scale", "{\"unit\": \"" + unit + "\", \"factor\": -4}")));
        lambdas[from + 1] = 30;
        JsonNode turned = done("api/turn", "{\"unit\": \"" + unit + "\", \"component\": 1, \"value\": 30}");
        assertArrayEquals(confusion(new Adapter.Spectral(design, lambdas)), matrix(turned));
        assertEquals(design.parts().get(2).kept(), turned.path("changed").asInt());
        assertEquals(
                30,
                MAPPER.readTree(ask("api/unit/" + unit).body())
                        .path("lambda")
                        .path(1)
                        .asDouble());
    }

    /** Changes are taken back one by one, those of one slider together; the start stays what was learned. */
    @Test
    void undo_bringsBackWhatWas_andTheStartStays() throws Exception {
        JsonNode start = MAPPER.readTree(ask("api/state").body());
        done("api/turn", "{\"unit\": \"L5.H0\", \"component\": 0, \"value\": 5}");
        JsonNode once = done("api/turn", "{\"unit\": \"L5.H0\", \"component\": 0, \"value\": 30}");
        JsonNode twice = done("api/scale", "{\"unit\": \"L4.H1\", \"factor\": -8}");
        assertEquals(start.path("accuracy"), twice.path("start"));
        assertEquals(start.path("undoable").asInt() + 2, twice.path("undoable").asInt());
        int flips = twice.path("corrected").asInt() - twice.path("broken").asInt();
        assertEquals(
                Math.round(trace.size()
                        * (twice.path("accuracy").asDouble()
                                - start.path("accuracy").asDouble())),
                flips,
                "images that flipped explain the change");
        for (JsonNode flip : twice.path("flips")) {
            int label = flip.path("label").asInt();
            assertEquals(trace.labels()[flip.path("row").asInt()], label);
            assertTrue(
                    (flip.path("now").asInt() == label) != (flip.path("learned").asInt() == label), flip.toString());
        }
        assertArrayEquals(matrix(once), matrix(done("api/undo", "{}")));
        JsonNode back = done("api/undo", "{}");
        assertArrayEquals(matrix(start), matrix(back));
        assertEquals(0, back.path("changed").asInt());
    }

    /** A head switched off, against the same intervention in the library; every answer says which document it is. */
    @Test
    void switchingAHeadOff_isTheIntervention() throws Exception {
        JsonNode off = done("api/switch", "{\"unit\": \"L3.H2\", \"with\": \"zero\"}");
        assertEquals("residual/exploration", off.path("schema").asText());
        assertEquals(1, off.path("version").asInt());
        var images = dataset.validation().atMost(HeadSwitch.IMAGES, 0);
        assertEquals(images.size(), off.path("images").asInt());
        try (FoldedAdapter folded = FoldedAdapter.of(adapter, classifier, trace.frame(), model.image())) {
            var study = new EffectStudy(model, folded, Progress.silent());
            var unit = trace.shape().named("L3.H2", "here");
            Interventions zero = Interventions.NONE.with(
                    new Interventions.Intervention(unit, Change.ZERO, Interventions.Tokens.ALL));
            EffectStudy.Together both = study.together(images, "here", zero);
            assertEquals(
                    both.plain().labelLogit(),
                    off.path("plain").path("label_logit").asDouble(),
                    1e-4);
            assertEquals(
                    both.changed().labelLogit(),
                    off.path("total").path("label_logit").asDouble(),
                    1e-4);
            assertEquals(
                    both.changed().accuracy().right(),
                    off.path("total").path("right").asInt());
            assertTrue(off.path("direct").path("moved").asDouble() > 0, off.toString());
        }
    }

    /** The map of a text is the library's, with λ as they are; a text that is none is refused. */
    @Test
    void theMapOfAText_isTheTextsLogit() throws Exception {
        JsonNode answer = done("api/image/0/where", "{\"text\": \"a red circle\", \"against\": \"a blue cross\"}");
        JsonNode map = answer.path("map");
        TextLogit logit = TextLogit.of(model, "a red circle", "a blue cross");
        assertEquals(logit.what(), answer.path("what").asText());
        int row = trace.names()
                .indexOf(
                        MAPPER.readTree(ask("api/image/0").body()).path("image").asText());
        int d = logit.direction().length;
        double length = 0;
        double want = 0;
        for (int j = 0; j < d; j++) {
            double y = output(row)[j];
            length += y * y;
            want += y * logit.direction()[j];
        }
        assertEquals(want / Math.sqrt(length), answer.path("total_before").asDouble(), 1e-3);
        assertTrue(map.path("error").asDouble() < 1e-3
                && map.path("bytes").asText().length() > 100);
        assertEquals(400, post("api/image/0/where", "{\"text\": \" \"}").statusCode());
        assertEquals(
                400, post("api/image/99/where", "{\"text\": \"a red circle\"}").statusCode());
    }

    /** The unadapted embedding of a validation image. */
    private static float[] output(int row) {
        int at = row;
        for (TraceBlock block : trace.blocks()) {
            if (at < block.size()) {
                int d = block.output().length / block.size();
                return Arrays.copyOfRange(block.output(), at * d, (at + 1) * d);
            }
            at -= block.size();
        }
        throw new IllegalArgumentException("no row " + row);
    }

    /** Before there is anything, the port answers: how far the preparation is, and that controls must wait. */
    @Test
    void thePort_isOpenBeforeTheImagesAreTraced() throws Exception {
        try (ExploreServer early = ExploreServer.start("127.0.0.1", 0, Gate.of("127.0.0.1", null))) {
            Progress progress = early.progress(Progress.silent());
            progress.start("tracing nothing", 7);
            progress.at(3);
            URI root = URI.create(early.address());
            assertTrue(get(root, null).body().contains("/api/progress"), "a page that waits");
            JsonNode at =
                    MAPPER.readTree(get(root.resolve("/api/progress"), null).body());
            assertEquals("tracing nothing", at.path("step").asText());
            assertEquals(3, at.path("done").asInt());
            assertFalse(at.path("ready").asBoolean());
            HttpResponse<String> state = get(root.resolve("/api/state"), null);
            assertEquals(503, state.statusCode());
            assertTrue(state.body().contains("tracing nothing"), state.body());
            early.serve(bench);
            ObjectNode some = data.deepCopy().put("pending", true);
            early.show(some);
            at = MAPPER.readTree(get(root.resolve("/api/progress"), null).body());
            assertTrue(at.path("ready").asBoolean() && !at.path("complete").asBoolean(), at.toString());
            assertEquals(200, get(root.resolve("/api/state"), null).statusCode());
            early.show(data);
            JsonNode all = MAPPER.readTree(get(root.resolve("/api/data"), null).body());
            assertEquals(data.path("units").size(), all.path("units").size());
            assertTrue(!all.has("pending") && all.path("units").path(1).has("alone"), "everything is there");
        }
    }

    /** Words of what the task asks for cost more than words of something else, and what is silenced carries them. */
    @Test
    void suppressingAnAttribute_costsTheTaskThatAsksForIt() throws Exception {
        done("api/interpolation", "{\"value\": 0}");
        double before =
                MAPPER.readTree(ask("api/state").body()).path("accuracy").asDouble();
        JsonNode texture = done("api/suppress", "{\"text\": \"a striped shape\", \"count\": 10}");
        done("api/interpolation", "{\"value\": 0}");
        JsonNode other = done("api/suppress", "{\"text\": \"at the top left\", \"count\": 10}");
        assertEquals(10, texture.path("silenced").size());
        double last = 1;
        for (JsonNode silenced : texture.path("silenced")) {
            assertTrue(silenced.path("share").asDouble() <= last, "the largest first");
            last = silenced.path("share").asDouble();
        }
        double cost = before - texture.path("accuracy").asDouble();
        double elsewhere = before - other.path("accuracy").asDouble();
        assertTrue(cost > .03 && cost > elsewhere + .02, cost + " against " + elsewhere);
    }

    @Test
    void imagesOfOnesOwn_areTakenApart_andAddUp() throws Exception {
        byte[] png = png(dataset.validation(), 3);
        HttpResponse<String> response = post("api/upload?name=mine", png);
        assertEquals(200, response.statusCode(), response.body());
        JsonNode shown = MAPPER.readTree(response.body());
        assertEquals("mine", shown.path("image").asText());
        // A drawing's PNG holds the very pixels that were traced: the same logits as that validation image.
        int c = classifier.classes().size();
        double[] logits = Calibration.logits(adapter, classifier, trace).get(0);
        for (int k = 0; k < c; k++) {
            assertEquals(logits[3 * c + k], shown.path("after").path(k).asDouble(), 1e-4);
        }
        for (int k = 0; k < shown.path("classes").size(); k++) {
            double sum = 0;
            for (JsonNode share : shown.path("units")) {
                sum += share.path(1).path(k).asDouble();
            }
            for (JsonNode constant : shown.path("constants")) {
                sum += constant.path("after").path(k).asDouble();
            }
            int of = shown.path("classes").path(k).asInt();
            assertEquals(shown.path("after").path(of).asDouble(), sum, 1e-4);
        }
        done("api/interpolation", "{\"value\": 0}");
        JsonNode known =
                MAPPER.readTree(ask("api/own/" + shown.path("own").asInt()).body());
        double[] plain =
                Calibration.logits(new Adapter.Identity(), classifier, trace).get(0);
        assertEquals(plain[3 * c], known.path("after").path(0).asDouble(), 1e-4);
    }

    private static byte[] png(io.residual.data.LabelledImages<?> images, int index) throws IOException {
        try {
            var image = images.read(index);
            BufferedImage buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
            byte[] rgb = image.rgb();
            for (int i = 0; i < image.width() * image.height(); i++) {
                int value = (rgb[i * 3] & 255) << 16 | (rgb[i * 3 + 1] & 255) << 8 | (rgb[i * 3 + 2] & 255);
                buffered.setRGB(i % image.width(), i / image.width(), value);
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(buffered, "png", out);
            return out.toByteArray();
        } catch (UnreadableImageException e) {
            throw new IOException(e);
        }
    }

    @Test
    void aSavedAdapter_readsBackAsItWas_untested_andIsNotOverwritten() throws Exception {
        done("api/interpolation", "{\"value\": 0.5}");
        assertEquals(
                "half.adapter",
                done("api/save", "{\"name\": \"half\"}").path("saved").asText());
        AdapterFile read = AdapterFile.read(folder.resolve("half.adapter"), trace.frame(), model.hash());
        assertArrayEquals(
                ((Adapter.Spectral) adapter.interpolated(.5)).lambdas(), ((Adapter.Spectral) read.adapter()).lambdas());
        assertEquals(null, read.info().testAccuracy());
        assertEquals("formula.adapter", read.info().provenance().settings().get("edited_by_hand_from"));
        byte[] before = Files.readAllBytes(folder.resolve("half.adapter"));
        assertEquals(400, post("api/save", "{\"name\": \"half\"}").statusCode());
        assertArrayEquals(before, Files.readAllBytes(folder.resolve("half.adapter")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "api/save     | {\"name\": \"../out\"}                              | 400 | letters, digits",
                "api/save     | {\"name\": \"\"}                                    | 400 | letters, digits",
                "api/save     | {\"name\": 7}                                       | 400 | expected a text",
                "api/interpolation     | {\"value\": \"much\"}                               | 400 | expected a number",
                "api/interpolation     | {\"value\": 1e999}                                  | 400 | Infinity",
                "api/interpolation     | [[                                                  | 400 | no JSON",
                "api/turn     | {\"unit\": \"L9.H9\", \"component\": 0, \"value\": 1} | 400 | L9.H9",
                "api/turn     | {\"unit\": \"L0.H0\", \"component\": 99, \"value\": 1} | 400 | no such component",
                "api/switch   | {\"unit\": \"L9.H9\", \"with\": \"zero\"}     | 400 | L9.H9",
                "api/switch   | {\"unit\": \"L0.H0\", \"with\": \"nothing\"}  | 400 | mean or zero",
                "api/switch   | {\"unit\": \"embedding\", \"with\": \"zero\"} | 400 | a head or an MLP",
                "api/suppress | {\"text\": \"\", \"count\": 1}                      | 400 | characters",
                "api/suppress | {\"text\": \"red\", \"count\": 0}                   | 400 | expected 1 to",
                "api/upload   | no image at all                                   | 422 | not an image",
                "api/upload?name=%FF | no image at all                            | 400 | percent encoding",
                "api/interpolation?value=1 | {\"value\": 1}                                 | 400 | 'value'",
            })
    void wrongRequests_areRefusedWithTheReason(String path, String body, int status, String reason) throws Exception {
        HttpResponse<String> response = post(path, body);
        assertEquals(status, response.statusCode(), response.body());
        assertTrue(MAPPER.readTree(response.body()).path("error").asText().contains(reason), response.body());
    }

    /** The adapter with one weight for all components. */
    private static AdapterFile weighted(float lambda) {
        float[] all = new float[adapter.lambdas().length];
        Arrays.fill(all, lambda);
        AdapterFile usual = source.adapters().get(0).file();
        return new AdapterFile(
                new Adapter.Spectral(adapter.design(), all), usual.classifier(), usual.info(), usual.selfCheck());
    }

    /** Weights that are finite but make logits that are not: nothing is chosen by them, and the bench stays as it was. */
    @Test
    void weightsThatOverflow_areRefused() {
        ReportSource of = source.with(List.of(new ReportSource.Named("huge.adapter", weighted(1e30f))));
        InputException e = assertThrows(InputException.class, () -> {
            try (Workbench other = new Workbench(of, folder)) {
                other.state();
            }
        });
        assertTrue(String.valueOf(e.getMessage()).contains("huge.adapter"), e.getMessage());
        assertThrows(InputException.class, () -> ReportData.of(of, Progress.silent()));
    }

    /** Without an adapter the bench turns one that changes nothing, and the pages speak of the model. */
    @Test
    void withoutAnAdapter_theConclusionIsTheModels() {
        JsonNode conclusion = ReportData.of(
                        new ReportSource(
                                model,
                                dataset,
                                trace,
                                List.of(new ReportSource.Named("the unadapted model", weighted(1))),
                                List.of(),
                                List.of(),
                                null,
                                classifier),
                        Progress.silent())
                .path("conclusion");
        String first = conclusion.path("sentences").path(0).asText();
        assertTrue(first.startsWith("The unadapted model is right on "), first);
        assertFalse(conclusion.has("p"), conclusion.toString());
    }

    @Test
    void hugeImages_areRefusedBeforeTheyAreHeld() throws Exception {
        assertEquals(
                413, post("api/upload", new byte[ExploreServer.IMAGE_BYTES + 1]).statusCode());
        // A PNG that says it has 30,000 x 30,000 pixels, and little more than that.
        byte[] png = Base64.getDecoder().decode("iVBORw0KGgoAAAANSUhEUgAAdTAAAHUwCAIAAADpRW/tAAAAAA==");
        HttpResponse<String> response = post("api/upload", png);
        assertEquals(422, response.statusCode());
        assertTrue(response.body().contains("pixels, more than 40000000"), response.body());
    }

    @Test
    void otherSites_andFilesOutside_areNotReachable() throws Exception {
        assertEquals(
                403,
                post("api/interpolation", "{\"value\": 0}", "Origin", "http://elsewhere.example")
                        .statusCode());
        assertEquals(
                200,
                post(
                                "api/interpolation",
                                "{\"value\": 1}",
                                "Origin",
                                server.address().replaceAll("/$", ""))
                        .statusCode());
        for (String path : List.of("../pom.xml", "%2e%2e/pom.xml", "static/../../etc/passwd", "formula.adapter")) {
            int status = ask(path).statusCode();
            assertTrue(status == 404 || status == 400, path + ": " + status);
        }
        HttpResponse<String> page = ask("");
        String policy = page.headers().firstValue("Content-Security-Policy").orElse("");
        assertTrue(policy.contains("default-src 'none'") && !policy.contains("unsafe"), policy);
        assertFalse(page.body().contains("<script>document.title"), "a class cannot become markup");
    }

    /** What a stranger sees without the token, and a browser with it. */
    @Test
    void aToken_isAskedFor_whereOneIsSet() throws Exception {
        String token = "0123456789abcdef";
        try (ExploreServer guarded = ExploreServer.start("127.0.0.1", 0, Gate.of("127.0.0.1", token), data, bench)) {
            URI root = URI.create(guarded.address().replaceAll("\\?.*", ""));
            assertEquals(401, get(root, null).statusCode());
            assertEquals(401, get(root, "0123456789abcdeg").statusCode());
            assertEquals(200, get(root, token).statusCode());
            HttpResponse<String> first = get(URI.create(guarded.address()), null);
            assertEquals(302, first.statusCode());
            String cookie = first.headers().firstValue("Set-Cookie").orElse("");
            assertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), cookie);
            HttpRequest again = HttpRequest.newBuilder(root)
                    .header("Cookie", cookie.substring(0, cookie.indexOf(';')))
                    .build();
            assertEquals(
                    200, http.send(again, HttpResponse.BodyHandlers.ofString()).statusCode());
        }
        String made = Gate.of("0.0.0.0", null).token();
        assertTrue(made != null && made.length() >= 32, "elsewhere than on loopback one is made");
    }

    private HttpResponse<String> get(URI address, @Nullable String token) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Every page at two widths: no complaint on the console, nothing beyond the window, and the controls do what they say. */
    @Test
    void theBrowser_showsEveryPage_andTheControlsWork() throws Exception {
        Optional<Path> program = Browser.program();
        assumeTrue(program.isPresent(), "no Chromium on this machine, and none may be downloaded");
        try (Browser browser = new Browser(program.get(), temporary.resolve("profile"))) {
            for (int width : new int[] {1280, 390}) {
                browser.window(width, 800, width == 390);
                for (String page : List.of(
                        "overview",
                        "heads",
                        "unit/L5.H0",
                        "compare",
                        "image/0",
                        "map",
                        "training",
                        "bench",
                        "provenance")) {
                    browser.open(server.address() + "#" + page);
                    browser.until("document.querySelector('h2') && document.querySelector('.status strong')");
                    assertEquals(
                            "false",
                            browser.run("document.documentElement.scrollWidth > innerWidth")
                                    .asText(),
                            page + " at " + width);
                    if (width == 390) {
                        assertEquals("", browser.cutOff(), page);
                    }
                }
            }
            browser.window(1280, 800, false);
            browser.open(server.address() + "#unit/L5.H0");
            browser.until("document.querySelectorAll('input[type=range]').length > 3");
            browser.run("(() => { const s = document.querySelectorAll('input[type=range]')[0]; s.value = 0;"
                    + " s.dispatchEvent(new Event('input')); })()");
            browser.until("!document.querySelector('.status').innerText.includes(' 0 λ')");
            // Where the slider is: accuracy, and the images whose decision flipped.
            int[][] learned = confusion(adapter);
            browser.until("document.querySelectorAll('.controls .flips figure').length > 0");
            assertEquals(
                    MAPPER.readTree(ask("api/state").body()).path("broken").asText() + " newly wrong, "
                            + MAPPER.readTree(ask("api/state").body())
                                    .path("corrected")
                                    .asText() + " newly right",
                    browser.text(".controls .effect p:nth-of-type(3)"));
            int[][] wanted = confusion(silenced("L5.H0"));
            int right = 0;
            for (int i = 0; i < wanted.length; i++) {
                right += wanted[i][i];
            }
            String expected = String.format(java.util.Locale.ROOT, "%.1f %%", 100.0 * right / trace.size());
            assertTrue(browser.text(".status").contains("Validation " + expected), browser.text(".status") + expected);
            // Another page, opened later, still knows the start.
            int first = 0;
            for (int i = 0; i < learned.length; i++) {
                first += learned[i][i];
            }
            String start = String.format(java.util.Locale.ROOT, "as learned %.1f %%", 100.0 * first / trace.size());
            browser.open(server.address() + "?#overview");
            browser.until("document.querySelector('.status strong')");
            assertTrue(browser.text(".status").contains(start), browser.text(".status") + start);
            browser.open(server.address() + "#unit/L5.H0");
            browser.until("document.querySelector('.effect button')");
            browser.run("[...document.querySelectorAll('.effect button')].find(b => b.textContent === 'Undo').click()");
            browser.until("document.querySelector('.status').innerText.includes(' 0 λ')");
            browser.run("document.querySelector('#switch input[value=zero]').click()");
            browser.until("document.querySelectorAll('main table tbody tr').length >= 3"
                    + " && document.body.innerText.includes('total effect')");

            browser.open(server.address() + "#image/0");
            String png = Base64.getEncoder().encodeToString(png(dataset.validation(), 5));
            browser.run("(async () => { const bytes = Uint8Array.from(atob('" + png + "'), c => c.charCodeAt(0));"
                    + " const files = new DataTransfer(); files.items.add(new File([bytes], '<b>mine</b>.png'));"
                    + " const input = document.getElementById('own'); input.files = files.files;"
                    + " input.dispatchEvent(new Event('change')); })()");
            browser.until("document.querySelector('img.own') && document.querySelector('.seen canvas:not([hidden])')");
            assertTrue(browser.text("main").contains("<b>mine</b>.png"), "a file's name is text");
            assertTrue(browser.text("#sum").matches(".*differ by [0-9.]+e-([5-9]|1[0-9])\\."), browser.text("#sum"));

            browser.run("(() => { document.getElementById('whereis').value = 'a red circle';"
                    + " document.querySelector('.whereis').requestSubmit(); })()");
            browser.until("document.querySelector('.maptitle').innerText.includes(\"text 'a red circle'\")");

            browser.open(server.address() + "#bench");
            browser.run("(() => { document.getElementById('text').value = 'a striped shape';"
                    + " [...document.querySelectorAll('button')].find(b => b.textContent === 'Suppress').click();"
                    + " })()");
            browser.until("document.querySelectorAll('main table tbody tr').length === 10");
            browser.run("(() => { document.getElementById('name').value = 'by-browser';"
                    + " [...document.querySelectorAll('button')].find(b => b.textContent === 'Save').click(); })()");
            browser.until("document.body.innerText.includes('Saved: by-browser.adapter')");
            assertTrue(Files.exists(folder.resolve("by-browser.adapter")));
            assertTrue(browser.run("document.body.innerText").asText().contains(HOSTILE.substring(0, 17)));
            assertEquals(List.of(), browser.complaints());
            assertFalse(browser.run("document.title").asText().equals("owned"));
        }
    }

    private static Adapter silenced(String unit) {
        float[] lambdas = adapter.lambdas().clone();
        int from = 0;
        for (ComponentDesign.Part part : ((ComponentDesign) adapter.design()).parts()) {
            for (int k = from; k < from + part.kept(); k++) {
                lambdas[k] = part.unit().toString().equals(unit) ? 0 : lambdas[k];
            }
            from += part.kept();
        }
        return new Adapter.Spectral(adapter.design(), lambdas);
    }
}
