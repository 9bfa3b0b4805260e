package io.residual.explorer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.Calibration;
import io.residual.adapt.Method;
import io.residual.base.Progress;
import io.residual.catalogue.Models;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.Split;
import io.residual.experiment.DatasetResult;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.Experiments;
import io.residual.experiment.MethodResult;
import io.residual.model.ImageTextModel;
import io.residual.predict.Explainer;
import io.residual.predict.Explanation;
import io.residual.report.ComparisonReport;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.world.EmbeddedModels;
import io.residual.world.WorldDatasets;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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
    private static DatasetResult result;
    private static final Map<String, Explanation> explanations = new HashMap<>();

    @BeforeAll
    static void look() throws IOException {
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
            DatasetSpec spec = new DatasetSpec(dataset.origin(), 0, 0, 0, 0, 0, 0);
            result = new Experiments(model, WorldDatasets.general(50), Progress.silent())
                    .on(dataset, spec, ExperimentSettings.DEFAULT)
                    .run(List.of(Method.BASE, Method.LINEAR), List.of());
            Explainer explainer = new Explainer(trace.frame(), new Adapter.Identity(), classifier);
            for (TraceBlock block : trace.blocks()) {
                for (int i = 0; i < block.size(); i++) {
                    explanations.put(block.names().get(i), explainer.explain(block, i));
                }
            }
            JsonNode results = new ObjectMapper().readTree(ComparisonReport.json(List.of(result)));
            data = ReportData.of(
                    new ReportSource(
                            model,
                            dataset,
                            trace,
                            List.of(),
                            List.of(results.path("datasets").path(0)),
                            List.of(),
                            null,
                            classifier),
                    Progress.silent());
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
                assertTrue(data.path("thumbnails").has(end.path("image").asText()), "an image to show");
            }
        }
    }

    /** What a page lists for an image adds up to the logits it shows, to 1e-4, from the rounded numbers alone. */
    @Test
    void sharesOfAImage_addUp() {
        assertTrue(data.path("images").size() >= 8);
        for (JsonNode image : data.path("images")) {
            for (int k = 0; k < image.path("classes").size(); k++) {
                int c = image.path("classes").path(k).asInt();
                double before = 0;
                double after = 0;
                for (JsonNode unit : image.path("units")) {
                    before += unit.path(0).path(k).asDouble();
                    after += unit.path(1).path(k).asDouble();
                }
                assertEquals(image.path("before").path(c).asDouble(), before, 1e-4);
                assertEquals(image.path("after").path(c).asDouble(), after, 1e-4);
            }
        }
    }

    /** A class that is called like markup stays a text: it can neither end the data block nor add a script. */
    @Test
    void hostileNames_cannotLeaveTheData() {
        String page = HtmlReport.file(hostile()).html();
        assertFalse(page.contains("<script>document.title"), "the name is escaped");
        assertEquals(3, page.split("</script>", -1).length - 1, "two blocks of data and the page's own script");
        assertTrue(page.contains("default-src 'none'"));
        assertFalse(page.contains("unsafe-inline"));
        assertFalse(page.contains("http://") && page.contains("src=\"http"), "nothing is loaded");
    }

    private static ObjectNode hostile() {
        ObjectNode copy = data.deepCopy();
        ArrayNode classes = (ArrayNode) copy.path("data").path("classes");
        classes.set(copy.path("images").path(0).path("chosen").asInt(), classes.textNode(HOSTILE));
        return copy;
    }

    /** Class means know the training images, as an adapter does; prompts do not. */
    @Test
    void theMap_saysWhereTrainingImagesFlatter() throws IOException {
        Optional<Path> program = Browser.program();
        assumeTrue(program.isPresent(), "no Chromium on this machine, and none may be downloaded");
        try (Browser browser = new Browser(program.get(), temporary.resolve("profile"))) {
            browser.window(1280, 800, false);
            assertEquals("40 validation images and 20 training images. Places", told(browser, true));
            assertEquals(
                    "40 validation images and 20 training images, whose means are the classes: predictions there are"
                            + " better than elsewhere. Places",
                    told(browser, false));
        }
    }

    private String told(Browser browser, boolean prompts) throws IOException {
        ObjectNode copy = data.deepCopy();
        ((ObjectNode) copy.path("map")).put("training", 20);
        ((ObjectNode) copy.path("model")).put("has_text", prompts);
        Path file = temporary.resolve(prompts + ".html");
        Files.writeString(file, HtmlReport.file(copy).html());
        browser.open(file.toUri() + "#map");
        return browser.run("document.body.innerText.match(/[0-9]+ validation images and[^]*?Places/)[0]")
                .asText();
    }

    /**
     * In a real browser, from the file alone: the numbers are those that the command line prints, and a hostile class shows as
     * text.
     */
    @Test
    void theBrowser_showsWhatTheCommandLinePrints() throws IOException {
        Optional<Path> program = Browser.program();
        assumeTrue(program.isPresent(), "no Chromium on this machine, and none may be downloaded");
        Path file = temporary.resolve("report.html");
        Files.writeString(file, HtmlReport.file(hostile()).html());
        JsonNode image = data.path("images").path(0);
        try (Browser browser = new Browser(program.get(), temporary.resolve("profile"))) {
            browser.window(1280, 800, false);
            String address = file.toUri().toString();
            browser.open(address + "#overview");
            assertTrue(browser.text(".lead").startsWith("The unadapted model is right on "), browser.text(".lead"));
            String[] printed = ComparisonReport.text(List.of(result)).split("\n");
            int rows = 0;
            for (MethodResult method : result.methods()) {
                String shown = browser.run("[...document.querySelectorAll('tr')].find(r => r.cells[0].innerText === '"
                                + method.method().label() + "').innerText")
                        .asText();
                String line = Stream.of(printed)
                        .filter(l -> l.startsWith(method.method().label() + " "))
                        .findFirst()
                        .orElseThrow();
                // Label, test, interval, against Base, (validation,) parameters, seconds; the label may have two words.
                String[] words =
                        line.substring(method.method().label().length()).strip().split("\\s+");
                assertTrue(shown.contains(words[0] + " %"), shown + " | " + line);
                assertTrue(shown.contains(words[1] + " % – " + words[3] + " %"), shown + " | " + line);
                rows++;
            }
            assertEquals(2, rows);
            browser.open(address + "#heads/alone");
            JsonNode head = data.path("units").path(1);
            assertTrue(
                    browser.run("document.querySelector('.cell').getAttribute('aria-label')")
                            .asText()
                            .equals(String.format(
                                    Locale.ROOT,
                                    "L0.H0: %.1f %%",
                                    100 * head.path("alone").asDouble())),
                    "the first head's accuracy");
            assertEquals(
                    48, browser.run("document.querySelectorAll('.cell').length").asInt());
            // A head that is chosen shows its extreme images beside the grid, in the order of the data.
            browser.run("document.querySelector('[data-unit=\"L2.H3\"]').dispatchEvent(new Event('click'))");
            JsonNode ends = unit("L2.H3").path("components").path(0);
            assertEquals("L2.H3 →", browser.text(".beside h3"));
            assertEquals(
                    ends.path("high").path(0).path("image").asText(),
                    browser.run("document.querySelector('.beside img').alt").asText());
            browser.open(address + "#heads/without");
            assertEquals(
                    54, browser.run("document.querySelectorAll('.cell').length").asInt(), "MLPs are a column");
            for (JsonNode unit : data.path("units")) {
                String fill = browser.run("document.querySelector('[data-unit=\""
                                + unit.path("unit").asText() + "\"]')?.getAttribute('fill') ?? ''")
                        .asText();
                if (!fill.isEmpty()) {
                    assertEquals(!unit.path("without_told").asBoolean(), fill.equals("var(--grey)"), unit.toString());
                }
            }
            // By keyboard: to the next head, and into it.
            browser.run("(() => { const c = document.querySelector('.cell'); c.focus(); const key = k =>"
                    + " document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: k, bubbles: true}));"
                    + " key('ArrowRight'); key('ArrowDown'); key('Enter'); })()");
            browser.until("document.querySelector('h2').innerText === 'L1.H1'");
            browser.open(address + "#image/0");
            String shown = browser.text("main");
            assertTrue(shown.contains(image.path("image").asText()));
            assertTrue(shown.contains(HOSTILE.substring(0, 40)), "the hostile class as text");
            // The largest share against the second class, as residual explain has it: from the Explainer itself.
            Explanation explanation =
                    Objects.requireNonNull(explanations.get(image.path("image").asText()));
            int chosen = explanation.chosen();
            int rival = rival(explanation);
            double largest = explanation.units().stream()
                    .mapToDouble(u -> u.after()[chosen] - u.after()[rival])
                    .boxed()
                    .max(Comparator.comparingDouble(Math::abs))
                    .orElseThrow();
            assertTrue(shown.contains(String.format(Locale.ROOT, "%.3f", Math.abs(largest))), largest + " in " + shown);
            double[] after = explanation.after();
            double sum = 0;
            for (double logit : after) {
                sum += Math.exp(
                        (logit - after[chosen]) / data.path("temperature").asDouble());
            }
            assertTrue(shown.contains(String.format(Locale.ROOT, "%.1f %%", 100 / sum)), 100 / sum + " in " + shown);
            // The contributions fall in size, and pointing at the first shows its own map.
            assertTrue(
                    browser.run("(() => { const v = [...document.querySelectorAll('.contribution .value')].slice(0, -1)"
                                    + ".map(e => Math.abs(Number(e.textContent.replace('−', '-'))));"
                                    + " return v.every((x, i) => i === 0 || x <= v[i - 1]); })()")
                            .asBoolean());
            String pointed = browser.run(
                            "(() => { const row = [...document.querySelectorAll('.contribution')].find(r =>"
                                    + " /H[0-9]/.test(r.getAttribute('data-unit'))); row.dispatchEvent(new"
                                    + " Event('mouseenter')); return row.getAttribute('data-unit'); })()")
                    .asText();
            assertTrue(browser.text(".maptitle").startsWith(pointed + ": "), browser.text(".maptitle"));
            assertFalse(
                    browser.run("document.querySelector('.seen canvas').hidden").asBoolean());
            browser.open(address + "#unit/L3.MLP");
            assertEquals("L3.MLP", browser.text("h2"));
            for (String page :
                    List.of("overview", "heads", "unit/L3.H2", "compare", "image/1", "map", "training", "provenance")) {
                browser.window(390, 800, true);
                browser.open(address + "?" + page.hashCode() + "#" + page);
                assertEquals("", browser.cutOff(), page + " on a phone");
                assertTrue(browser.text("main").length() > 200, page + " is never empty");
            }
            browser.window(1280, 800, false);
            // Printed, all pages are one document, whichever is open; afterwards the page is back.
            browser.open(address + "?print#training");
            browser.run("globalThis.headings = []; addEventListener('beforeprint', () => { globalThis.headings ="
                    + " [...document.querySelectorAll('main h2')].map(h => h.textContent); })");
            String pdf = new String(browser.pdf(), StandardCharsets.ISO_8859_1);
            String headings = browser.run("globalThis.headings").toString();
            for (String page : List.of("signs", "An image: ", "Heads", "Compare", "Training", "Provenance")) {
                assertTrue(headings.contains(page), page + " in " + headings);
            }
            assertTrue(pdf.split("/Type /Page\\b", -1).length > 8, pdf.length() + " bytes");
            assertEquals("Training", browser.text("h2"));
            assertFalse(browser.run("document.title").asText().contains("owned"));
            assertEquals(List.of(), browser.complaints());
        }
    }

    private static JsonNode unit(String name) {
        for (JsonNode unit : data.path("units")) {
            if (unit.path("unit").asText().equals(name)) {
                return unit;
            }
        }
        throw new IllegalArgumentException(name);
    }

    /** Patches in eight bits, what falls on other tokens, and constants add up to the difference of the logits. */
    @Test
    void mapsOfAnImage_addUp() {
        int with = 0;
        for (JsonNode image : data.path("images")) {
            JsonNode map = image.path("map");
            Explanation explanation =
                    Objects.requireNonNull(explanations.get(image.path("image").asText()));
            byte[] bytes = Base64.getDecoder().decode(map.path("bytes").asText());
            int patches = map.path("rows").asInt() * map.path("columns").asInt();
            assertEquals((2 + map.path("units").size()) * patches, bytes.length);
            double sum = map.path("elsewhere").asDouble();
            double scale = map.path("scale").path(0).asDouble();
            double heads = 0;
            for (int i = 0; i < bytes.length; i++) {
                double value = bytes[i] * map.path("scale").path(i / patches).asDouble() / 127;
                sum += i < patches ? value : 0;
                heads += i < 2 * patches ? 0 : value;
            }
            int chosen = explanation.chosen();
            int rival = rival(explanation);
            double wanted = explanation.after()[chosen] - explanation.after()[rival];
            assertEquals(
                    wanted,
                    sum,
                    patches * scale / 254 + 1e-4,
                    image.path("image").asText());
            assertEquals(wanted - map.path("elsewhere").asDouble(), heads, .05 * patches * scale, "units on patches");
            with++;
        }
        assertTrue(with >= 8, with + " maps");
        assertEquals(0, data.path("maps_left_out").asInt());
    }

    /** What does not fit the page is left out and counted, the first images first. */
    @Test
    void mapsBeyondTheBound_areCounted() {
        ImageMaps maps = new ImageMaps();
        int patches = ImageMaps.BYTES / (2 * 400);
        assertTrue(maps.fits(patches, 398));
        assertTrue(maps.fits(patches, 398));
        assertFalse(maps.fits(patches, 398));
        assertFalse(maps.fits(1, 398));
        assertEquals(2, maps.omitted());
    }

    private static int rival(Explanation explanation) {
        int best = -1;
        for (int c = 0; c < explanation.after().length; c++) {
            boolean better = best < 0 || explanation.after()[c] > explanation.after()[best];
            best = c != explanation.chosen() && better ? c : best;
        }
        return best;
    }
}
