package io.residual.explorer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.report.EmbeddingMap;
import io.residual.report.OneFilePage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Measures the map of many images in a browser: FOLDER [images]. Writes the page and pictures of it there and prints how long what a visitor does
 * keeps the page's thread, the drawing of the next frame included. Not a test.
 */
final class MapSpeed {
    private static final int CLASSES = 12;

    private static final String TEMPLATE = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta"
            + " name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta"
            + " http-equiv=\"Content-Security-Policy\""
            + " content=\"{{policy}}\"><title>map</title><style>{{style}}</style></head><body><nav><a"
            + " href=\"#\">Map</a></nav><main></main><script type=\"application/json\" id=\"data\">{{data}}</script>"
            + "<script>{{script}}</script></body></html>";

    /** What is done, how often, and the event; each is followed by a frame. */
    private static final String MEASURE = """
        new Promise(async done => {
          const canvas = document.querySelector("canvas"), at = canvas.getBoundingClientRect(), result = {};
          const event = (type, x, y, more) => canvas.dispatchEvent(new (type === "wheel" ? WheelEvent : PointerEvent)(type, { clientX: at.left + x, clientY: at.top + y, bubbles: true, cancelable: true, pointerId: 1, ...more }));
          canvas.setPointerCapture = () => {};
          const frame = () => new Promise(requestAnimationFrame);
          // The page asks for its frame inside the action; ours is asked for after it and so ends after its drawing.
          const timed = async (name, times, act) => {
            const busy = [];
            for (let k = 0; k < times; k++) {
              await frame();
              const start = performance.now();
              act(k);
              const acted = performance.now() - start;
              const before = await new Promise(d => requestAnimationFrame(() => d(performance.now())));
              busy.push([acted, window.drawn || 0]);
              window.drawn = 0;
            }
            const sums = busy.map(([a, d]) => a + d).sort((a, b) => a - b);
            result[name] = { median: sums[Math.floor(times / 2)], p95: sums[Math.floor(times * .95)], most: sums[times - 1] };
          };
          // Every callback of a frame is timed, so that drawing counts as well.
          const plain = window.requestAnimationFrame.bind(window);
          window.requestAnimationFrame = f => plain(t => { const s = performance.now(); f(t); window.drawn = (window.drawn || 0) + performance.now() - s; });
          const spot = k => [20 + (k * 97) % (at.width - 40), 20 + (k * 61) % (at.height - 40)];
          await timed("hover", 200, k => event("pointermove", ...spot(k)));
          await timed("zoom", 40, k => event("wheel", at.width / 2, at.height / 2, { deltaY: k < 20 ? -1 : 1, ctrlKey: true }));
          const select = document.querySelectorAll("select"), colours = [...select[0].options].map(o => o.value);
          await timed("recolour", 25, k => { select[0].value = colours[k % colours.length]; select[0].dispatchEvent(new Event("change")); });
          await timed("layout", 10, k => { select[1].selectedIndex = k % 2; select[1].dispatchEvent(new Event("change")); });
          event("pointerdown", 100, 100);
          await timed("lasso, drawing", 120, k => event("pointermove", at.width / 2 + at.width / 3 * Math.cos(k / 19), at.height / 2 + at.height / 3 * Math.sin(k / 19)));
          await timed("lasso, listing", 1, () => event("pointerup", 0, 0));
          await new Promise(d => setTimeout(d, 300));
          result.chosen = document.querySelector(".chosen").innerText.split("\\n")[0];
          // Frames as they come, while the pointer moves over the map.
          const gaps = []; let last = performance.now();
          for (let k = 0; k < 120; k++) { event("pointermove", ...spot(k)); await new Promise(d => plain(d)); const now = performance.now(); gaps.push(now - last); last = now; }
          gaps.sort((a, b) => a - b);
          result["frames while hovering"] = { median: gaps[60], p95: gaps[114], most: gaps[119] };
          done(result);
        })\
        """;

    private MapSpeed() {}

    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        int images = args.length > 1 ? Integer.parseInt(args[1]) : 20_000;
        Path page = Files.writeString(folder.resolve("map.html"), page(images).html());
        System.out.printf(Locale.ROOT, "%d images, a page of %d KB%n", images, Files.size(page) >> 10);
        try (Browser browser = new Browser(Browser.program().orElseThrow(), Files.createTempDirectory("profile"))) {
            for (int width : new int[] {1280, 390}) {
                browser.window(width, 844, false);
                double opened = browser.open(page.toUri().toString());
                browser.run("new Promise(done => setTimeout(done, 800))");
                JsonNode found = browser.run(MEASURE);
                System.out.printf(Locale.ROOT, "%d wide: opened in %.0f ms; %s%n", width, opened, found.path("chosen"));
                found.properties().stream()
                        .filter(e -> e.getValue().isObject())
                        .forEach(e -> System.out.printf(
                                Locale.ROOT,
                                "  %-22s median %5.1f ms, 95 of 100 within %5.1f ms, most %5.1f ms%n",
                                e.getKey(),
                                e.getValue().path("median").asDouble(),
                                e.getValue().path("p95").asDouble(),
                                e.getValue().path("most").asDouble()));
                Files.write(folder.resolve("map-" + width + ".png"), browser.image());
            }
            browser.complaints().forEach(System.out::println);
        }
    }

    /** The page, of clusters that are the same each time. */
    static OneFilePage page(int images) {
        Random random = new Random(3);
        float[] neighbours = new float[images * 2];
        float[] components = new float[images * 2];
        int[] labels = IntStream.range(0, images).map(i -> i % CLASSES).toArray();
        int[] predicted = labels.clone();
        double[] doubts = new double[images];
        for (int i = 0; i < images; i++) {
            double angle = labels[i] * 2 * Math.PI / CLASSES;
            neighbours[i * 2] = (float) (10 * Math.cos(angle) + 1.5 * random.nextGaussian());
            neighbours[i * 2 + 1] = (float) (10 * Math.sin(angle) + 1.5 * random.nextGaussian());
            components[i * 2] = (float) (2 * Math.cos(angle) + 1.5 * random.nextGaussian());
            components[i * 2 + 1] = (float) (2 * Math.sin(angle) + 1.5 * random.nextGaussian());
            doubts[i] = Math.pow(random.nextDouble(), 4);
            predicted[i] = doubts[i] > .6 ? random.nextInt(CLASSES) : labels[i];
        }
        EmbeddingMap.Said said = new EmbeddingMap.Said() {
            @Override
            public String name(int image) {
                return "photos/class-" + labels[image] + "/image-" + image + ".jpg";
            }

            @Override
            public int label(int image) {
                return labels[image];
            }

            @Override
            public int predicted(int image) {
                return predicted[image];
            }

            @Override
            public double doubt(int image) {
                return doubts[image];
            }

            @Override
            public int split(int image) {
                return image % 10 < 8 ? 0 : image % 10 - 7;
            }
        };
        int[] all = IntStream.range(0, images).toArray();
        ObjectNode map = new EmbeddingMap(all, neighbours, components)
                .json(
                        said,
                        all,
                        IntStream.range(0, CLASSES).mapToObj(c -> "class " + c).toList(),
                        List.of("train", "validation", "test"));
        String start = """
            const map = JSON.parse(document.getElementById("data").textContent);
            document.querySelector("main").append(embeddingMap(map, { thumbnail: () => null }));
            """;
        return OneFilePage.of(
                TEMPLATE,
                "body { font: 16px/1.5 system-ui, sans-serif; margin: 1rem; } " + EmbeddingMap.style(),
                "\"use strict\";\n" + EmbeddingMap.script() + start,
                map,
                "");
    }
}
