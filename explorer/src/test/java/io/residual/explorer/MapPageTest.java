package io.residual.explorer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The map that audit, report and explorer share, in a browser. */
class MapPageTest {
    private static final int IMAGES = 240;

    /** Sends pointer events to the map; x and y are shares of its width and height. */
    private static final String EVENT =
            "const canvas = document.querySelector('canvas'), at = canvas.getBoundingClientRect();"
                    + " canvas.setPointerCapture = () => {}; const send = (type, x, y) => canvas.dispatchEvent(new"
                    + " PointerEvent(type, {clientX: at.left + x * at.width, clientY: at.top + y * at.height, bubbles:"
                    + " true, pointerId: 1}));";

    @TempDir
    Path folder;

    private static String act(String script) {
        return "(() => {" + EVENT + script + "})()";
    }

    @Test
    void pointing_looping_andColours_sayWhatIsThere() throws IOException {
        assumeTrue(Browser.program().isPresent(), "no Chromium here");
        Path page = Files.writeString(
                folder.resolve("map.html"), MapSpeed.page(IMAGES).html());
        try (Browser browser = new Browser(Browser.program().orElseThrow(), folder.resolve("profile"))) {
            browser.window(1280, 900, false);
            browser.open(page.toUri().toString());
            browser.until("document.querySelectorAll('.mapkeys button').length === 12");
            // A loop around everything picks everything; one around nothing, nothing.
            browser.run(act(
                    "send('pointerdown', 0, 0); for (const [x, y] of [[0, 1], [.5, 1], [1, 1], [1, .5], [1, 0], [.5,"
                            + " 0]]) send('pointermove', x, y); send('pointerup', 0, 0);"));
            browser.until("document.querySelector('.chosen p') !== null");
            assertTrue(browser.text(".chosen").startsWith(IMAGES + " images, "), browser.text(".chosen"));
            assertEquals(
                    200,
                    browser.run("document.querySelectorAll('.chosen > div:not(.maprow)').length")
                            .asInt());
            // The colour of a class alone: then a loop picks only its images.
            browser.run("document.querySelector('.mapkeys button').click()");
            browser.until("document.querySelector('.mapkeys button').getAttribute('aria-pressed') === 'true'");
            browser.run(act(
                    "send('pointerdown', 0, 0); for (const [x, y] of [[0, 1], [.5, 1], [1, 1], [1, .5], [1, 0], [.5,"
                            + " 0]]) send('pointermove', x, y); send('pointerup', 0, 0);"));
            browser.until("document.querySelector('.chosen p').innerText.startsWith('20 images')");
            assertTrue(browser.text(".chosen p").contains("class 0 20."), browser.text(".chosen p"));
            // Pointing somewhere near an image names it.
            browser.run(act(
                    "for (let k = 0; k < 400 && document.querySelector('.tip').hidden; k++) send('pointermove', (k %"
                            + " 20) / 20, Math.floor(k / 20) / 20);"));
            assertTrue(
                    browser.text(".tip").matches("(?s)class-0/image-[0-9]+\\.jpg: class 0.*doubt [0-9]+ %"),
                    browser.text(".tip"));
            // Right and wrong together are all images.
            browser.run("(() => { const s = document.querySelector('select'); s.value = 'error'; s.dispatchEvent(new"
                    + " Event('change')); })()");
            browser.until("document.querySelectorAll('.mapkeys button').length === 2");
            assertEquals(
                    IMAGES,
                    browser.run("[...document.querySelectorAll('.mapcount')].reduce((s, c) => s +"
                                    + " Number(c.innerText), 0)")
                            .asInt());
            for (int width : new int[] {1280, 390}) {
                browser.window(width, 844, true);
                assertEquals(
                        false,
                        browser.run("document.documentElement.scrollWidth > innerWidth")
                                .asBoolean(),
                        width + " wide");
            }
            assertEquals(List.of(), browser.complaints());
        }
    }
}
