package io.residual.explorer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.alignment.Adapter;
import io.residual.alignment.Calibration;
import io.residual.alignment.Classifier;
import io.residual.base.Progress;
import io.residual.catalogue.EmbeddedModels;
import io.residual.catalogue.Models;
import io.residual.images.Dataset;
import io.residual.images.Split;
import io.residual.model.ImageTextModel;
import io.residual.units.Trace;
import io.residual.units.Tracer;
import io.residual.world.WorldDatasets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final String HOSTILE = "</script><script>document.title='owned'</script><b>&\u2028";

    @TempDir
    Path temporary;

    private static ObjectNode data = new ObjectMapper().createObjectNode();
    private static double accuracy;

    @BeforeAll
    static void look() {
        try (ImageTextModel model = Models.open(EmbeddedModels.WORLD_CLIP)) {
            Dataset dataset = WorldDatasets.of(WorldDatasets.task("signs")).atMost(20, 60, 20, 0);
            Tracer tracer = new Tracer(model);
            Trace<Split.Validation> trace = tracer.trace(dataset.validation(), "signs", Progress.silent());
            Classifier classifier = Classifier.fromPrompts(model, dataset.prompts());
            int right = 0;
            int at = 0;
            for (double[] logits : Calibration.logits(new Adapter.Identity(), classifier, trace)) {
                int c = classifier.classes().size();
                for (int from = 0; from < logits.length; from += c) {
                    int best = 0;
                    for (int k = 1; k < c; k++) {
                        best = logits[from + k] > logits[from + best] ? k : best;
                    }
                    right += best == trace.labels()[at++] ? 1 : 0;
                }
            }
            accuracy = (double) right / at;
            data = ReportData.of(
                    new ReportSource(model, dataset, trace, List.of(), List.of(), null), Progress.silent());
        }
    }

    @Test
    void everyUnit_isThere_withNumbersThatCanBe() {
        assertEquals(1 + 48 + 6, data.path("units").size());
        // The whole model's accuracy by the sum of units, against the model's own output: the decomposition's identity.
        assertEquals(accuracy, data.path("accuracy").asDouble(), 1e-9);
        for (JsonNode unit : data.path("units")) {
            double shares = 0;
            for (JsonNode share : unit.path("shares")) {
                shares += share.asDouble();
            }
            assertTrue(shares > .5 && shares < 1 + 1e-3, unit.path("unit") + ": " + shares);
            if (unit.path("kind").asText().equals("head")) {
                assertTrue(
                        unit.path("dimension").asInt() >= 1
                                && unit.path("dimension").asInt() <= 18,
                        unit.toString());
                assertTrue(unit.path("alone").asDouble() <= 1, unit.toString());
            }
            for (JsonNode end : unit.path("components").path(0).path("low")) {
                assertTrue(data.path("thumbnails").has(end.path("picture").asText()), "a picture to show");
            }
        }
    }

    /** What a page lists for a picture adds up to the logits it shows, to 1e-4, from the rounded numbers alone. */
    @Test
    void sharesOfAPicture_addUp() {
        assertTrue(data.path("pictures").size() >= 8);
        for (JsonNode picture : data.path("pictures")) {
            for (int k = 0; k < picture.path("classes").size(); k++) {
                int c = picture.path("classes").path(k).asInt();
                double before = 0;
                double after = 0;
                for (JsonNode unit : picture.path("units")) {
                    before += unit.path(0).path(k).asDouble();
                    after += unit.path(1).path(k).asDouble();
                }
                assertEquals(picture.path("before").path(c).asDouble(), before, 1e-4);
                assertEquals(picture.path("after").path(c).asDouble(), after, 1e-4);
            }
        }
    }

    /** A class that is called like markup stays a text: it can neither end the data block nor add a script. */
    @Test
    void hostileNames_cannotLeaveTheData() {
        String page = HtmlReport.page(hostile());
        assertFalse(page.contains("<script>document.title"), "the name is escaped");
        assertEquals(2, page.split("</script>", -1).length - 1, "the data's block and the page's own script");
        assertTrue(page.contains("default-src 'none'"));
        assertFalse(page.contains("unsafe-inline"));
        assertFalse(page.contains("http://") && page.contains("src=\"http"), "nothing is loaded");
    }

    private static ObjectNode hostile() {
        ObjectNode copy = data.deepCopy();
        ArrayNode classes = (ArrayNode) copy.path("data").path("classes");
        classes.set(copy.path("pictures").path(0).path("chosen").asInt(), classes.textNode(HOSTILE));
        return copy;
    }

    /** In a real browser: the numbers stand on the page, and a hostile class shows as text. */
    @Test
    void theBrowser_showsWhatTheDataSay() throws IOException, InterruptedException {
        Optional<Path> browser = Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(browser.isPresent(), "no Chromium on this machine, and none may be downloaded");
        Path file = temporary.resolve("report.html");
        Files.writeString(file, HtmlReport.page(hostile()));
        JsonNode picture = data.path("pictures").path(0);
        String heads = dom(browser.get(), file, "heads");
        JsonNode head = data.path("units").path(1);
        assertTrue(
                heads.contains(String.format(
                        java.util.Locale.ROOT,
                        "L0.H0: %.1f %%",
                        100 * head.path("alone").asDouble())),
                "the first head's accuracy");
        assertEquals(48, heads.split("class=\"cell\"", -1).length - 1);
        String shown = dom(browser.get(), file, "picture/0");
        assertTrue(shown.contains("Sum of the shares"), shown.length() + " characters");
        assertTrue(shown.contains("&lt;b&gt;&amp;"), "the hostile class as text");
        assertFalse(shown.contains("<title>owned</title>"));
        assertTrue(shown.contains(picture.path("picture").asText()));
        String unit = dom(browser.get(), file, "unit/L3.MLP");
        assertTrue(unit.contains("<h2>L3.MLP</h2>"));
    }

    private String dom(Path browser, Path file, String page) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        browser.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--user-data-dir=" + temporary.resolve("profile"),
                        "--virtual-time-budget=2000",
                        "--dump-dom",
                        file.toUri() + "#" + page)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String dom = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor());
        // What the page holds as data is not what it shows.
        return dom.substring(0, dom.indexOf("<script type=\"application/json\""));
    }
}
