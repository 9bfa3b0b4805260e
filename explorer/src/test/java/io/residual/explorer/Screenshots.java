package io.residual.explorer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Takes images of every page of a report or of what is being explored, and the time each takes: FOLDER ADDRESS [page …].
 * Not a test. */
final class Screenshots {
    private static final List<String> PAGES =
            List.of("overview", "heads", "unit/L5.H0", "compare", "image/0", "map", "training", "bench", "provenance");

    private Screenshots() {}

    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        List<String> pages = args.length > 2 ? List.of(args).subList(2, args.length) : PAGES;
        try (Browser browser = new Browser(Browser.program().orElseThrow(), Files.createTempDirectory("profile"))) {
            for (boolean dark : new boolean[] {false, true}) {
                for (int width : new int[] {1280, 390}) {
                    browser.window(width, width == 390 ? 844 : 800, dark);
                    for (String page : pages) {
                        double opened = browser.open(args[1] + "#" + page);
                        browser.run("new Promise(done => setTimeout(done, 400))");
                        // From the click on another page's link to the frame after it has been drawn.
                        double drawn = browser.run("new Promise(done => { const t = performance.now(); location.hash ="
                                        + (page.equals("provenance") ? " '#overview'" : " '#provenance'")
                                        + "; setTimeout(() => { const s = performance.now(); location.hash = '#"
                                        + page
                                        + "'; addEventListener('hashchange', () => requestAnimationFrame(() =>"
                                        + " setTimeout(() => done(performance.now() - s))), {once: true}); }, 200); })")
                                .asDouble();
                        browser.run(
                                "new Promise(done => setTimeout(done, 1500))"); // maps and images of flips come later
                        boolean wide = browser.run("document.documentElement.scrollWidth > innerWidth")
                                .asBoolean();
                        String name = page.replaceAll("[^A-Za-z0-9]", "-") + "-" + width + (dark ? "-dark" : "-light");
                        Files.write(folder.resolve(name + ".png"), browser.image());
                        System.out.printf(
                                Locale.ROOT,
                                "%s: opened in %.0f ms, drawn again in %.0f ms%s%n",
                                name,
                                opened,
                                drawn,
                                wide ? ", WIDER THAN THE WINDOW" : "");
                    }
                }
            }
            browser.complaints().forEach(System.out::println);
        }
    }
}
