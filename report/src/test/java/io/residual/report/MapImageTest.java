package io.residual.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.images.Image;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MapImageTest {
    private static Image grey() {
        byte[] rgb = new byte[32 * 32 * 3];
        Arrays.fill(rgb, (byte) 128);
        return new Image(32, 32, rgb);
    }

    /** Positive is orange, negative blue, zero shows the image; all panels have one scale. */
    @Test
    void colours_tellTheSign() {
        MapImage map = new MapImage(grey(), "title", "logits").panel("one", 2, 2, 4, -4, 0, 2);
        BufferedImage raster = map.raster();
        int left = 16 + 288 + 16;
        int[] positive = at(raster, left + 72, 56 + 72);
        int[] negative = at(raster, left + 216, 56 + 72);
        int[] zero = at(raster, left + 72, 56 + 216);
        int[] half = at(raster, left + 216, 56 + 216);
        assertTrue(positive[0] > positive[2] + 60, Arrays.toString(positive));
        assertTrue(negative[2] > negative[0] + 60, Arrays.toString(negative));
        assertEquals(zero[0], zero[2], Arrays.toString(zero));
        assertTrue(half[0] > half[2] && half[0] - half[2] < positive[0] - positive[2], Arrays.toString(half));
    }

    /** The legend has the colours of patches; where nothing is negative it begins at 0. */
    @Test
    void theLegend_isOfThePatchesColours() {
        BufferedImage signed =
                new MapImage(grey(), "t", "logits").panel("one", 1, 2, 4, -4).raster();
        int y = 56 + 288 + 18 + 6;
        int[] least = at(signed, 16 + 3, y);
        int[] middle = at(signed, 16 + 6 * 20 + 3, y);
        int[] most = at(signed, 16 + 6 * 40 + 3, y);
        assertTrue(least[2] > least[0] + 60, Arrays.toString(least));
        assertEquals("[255, 255, 255]", Arrays.toString(middle));
        assertTrue(most[0] > most[2] + 60, Arrays.toString(most));
        MapImage shares = new MapImage(grey(), "t", "share of attention").panel("one", 1, 2, .2, .1);
        int[] none = at(shares.raster(), 16 + 3, y);
        assertEquals("[255, 255, 255]", Arrays.toString(none));
        assertTrue(shares.svg().contains(">0</text>") && !shares.svg().contains("-0.2"), "no share is negative");
    }

    private static int[] at(BufferedImage image, int x, int y) {
        int rgb = image.getRGB(x, y);
        return new int[] {rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255};
    }

    @Test
    void theSvg_saysEveryNumber_andNoMarkupOfNames() {
        String svg = new MapImage(grey(), "<b>'a' & 'b'</b>", "logits")
                .panel("<i>one</i>", 1, 2, 1.25, -.5)
                .svg();
        assertTrue(svg.contains("row 0, column 0: +1.2500 logits"), svg);
        assertTrue(svg.contains("row 0, column 1: -0.5000 logits"), svg);
        assertTrue(svg.contains("&lt;b&gt;'a' &amp; 'b'") && !svg.contains("<b>") && !svg.contains("<i>"));
    }

    @Test
    void numbersThatAreNoGrid_areRefused() {
        MapImage map = new MapImage(grey(), "title", "logits");
        assertThrows(IllegalArgumentException.class, () -> map.panel("one", 2, 2, 1, 2, 3));
    }
}
