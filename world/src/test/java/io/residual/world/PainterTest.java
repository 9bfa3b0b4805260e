package io.residual.world;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.images.Image;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PainterTest {
    /** Each channel of a colour is drawn up to .06 off, then rounded to one of 255 steps. */
    private static final double JITTER = .06 * 255 + 1;

    private static final Thing DISC = Thing.plain(Kind.CIRCLE, Colour.RED, .5, .5, .3, 0);

    @ParameterizedTest
    @EnumSource(Colour.class)
    void draw_showsTheThingOnItsBackground(Colour colour) {
        Colour background = colour == Colour.BLUE ? Colour.YELLOW : Colour.BLUE;
        Thing thing = Thing.plain(Kind.CIRCLE, colour, .5, .5, .3, 0);
        Image image = draw(scene(background, List.of(thing), 1, 0, false), 3);
        assertEquals(48, image.width());
        assertEquals(48, image.height());
        requireColour(colour, 1, image, 24, 24);
        requireColour(background, 1, image, 1, 1);
        requireColour(background, 1, image, 46, 46);
    }

    @Test
    void draw_coversTheThingsArea() {
        Image image = draw(scene(Colour.BLACK, List.of(DISC), 1, 0, false), 3);
        double low = image.at(0, 0, 0);
        double high = image.at(24, 24, 0);
        double covered = 0;
        for (int y = 0; y < 48; y++) {
            for (int x = 0; x < 48; x++) {
                covered += (image.at(x, y, 0) - low) / (high - low);
            }
        }
        // Anti-aliasing takes a pixel's cover from the distance to its middle: within 1 % over a whole circle.
        double area = Math.PI * Math.pow(.9 * .3 * 48, 2);
        assertEquals(area, covered, .01 * area);
    }

    @Test
    void draw_aTurnedThing_turnsClockwise() {
        // A bar from left to right, turned by a quarter, goes from top to bottom.
        Thing flat = Thing.plain(Kind.BAR, Colour.RED, .5, .5, .4, 0);
        Thing upright = Thing.plain(Kind.BAR, Colour.RED, .5, .5, .4, Math.PI / 2);
        requireColour(Colour.RED, 1, draw(scene(Colour.BLUE, List.of(flat), 1, 0, false), 3), 10, 24);
        requireColour(Colour.BLUE, 1, draw(scene(Colour.BLUE, List.of(flat), 1, 0, false), 3), 24, 10);
        requireColour(Colour.BLUE, 1, draw(scene(Colour.BLUE, List.of(upright), 1, 0, false), 3), 10, 24);
        requireColour(Colour.RED, 1, draw(scene(Colour.BLUE, List.of(upright), 1, 0, false), 3), 24, 10);
        // Half a quarter: y points down, so the arrow that points up then points to the upper right.
        Thing arrow = Thing.plain(Kind.ARROW, Colour.RED, .5, .5, .4, Math.PI / 4);
        Image image = draw(scene(Colour.BLUE, List.of(arrow), 1, 0, false), 3);
        requireColour(Colour.RED, 1, image, 32, 15);
        requireColour(Colour.BLUE, 1, image, 15, 15);
    }

    @Test
    void draw_anOutline_leavesTheInside() {
        Thing outline = new Thing(Kind.CIRCLE, Colour.RED, Texture.SOLID, Colour.RED, 1, .5, .5, .4, 0, true);
        Image image = draw(scene(Colour.BLUE, List.of(outline), 1, 0, false), 3);
        requireColour(Colour.BLUE, 1, image, 24, 24);
        requireColour(Colour.RED, 1, image, 24, (int) (24 - .9 * .4 * 48));
        requireColour(Colour.BLUE, 1, image, 1, 1);
    }

    @Test
    void draw_laterThings_hideEarlierOnes() {
        Thing above = Thing.plain(Kind.CIRCLE, Colour.GREEN, .5, .5, .2, 0);
        requireColour(Colour.GREEN, 1, draw(scene(Colour.BLUE, List.of(DISC, above), 1, 0, false), 3), 24, 24);
        requireColour(Colour.RED, 1, draw(scene(Colour.BLUE, List.of(above, DISC), 1, 0, false), 3), 24, 24);
    }

    @Test
    void draw_atDusk_darkensEverything() {
        Image image = draw(scene(Colour.WHITE, List.of(DISC), .5, 0, false), 3);
        requireColour(Colour.RED, .5, image, 24, 24);
        requireColour(Colour.WHITE, .5, image, 1, 1);
    }

    @Test
    void draw_withBlur_averagesThreeByThree() {
        Image sharp = draw(scene(Colour.BLUE, List.of(DISC), 1, 0, false), 3);
        Image blurred = draw(scene(Colour.BLUE, List.of(DISC), 1, 0, true), 3);
        for (int y = 0; y < 48; y++) {
            for (int x = 0; x < 48; x++) {
                for (int c = 0; c < 3; c++) {
                    double sum = 0;
                    int count = 0;
                    for (int ny = Math.max(0, y - 1); ny <= Math.min(47, y + 1); ny++) {
                        for (int nx = Math.max(0, x - 1); nx <= Math.min(47, x + 1); nx++) {
                            sum += sharp.at(nx, ny, c);
                            count++;
                        }
                    }
                    // Both images are rounded, each by up to half a step.
                    assertEquals(sum / count, blurred.at(x, y, c), 1.001);
                }
            }
        }
    }

    @Test
    void draw_withNoise_deviatesByItsShare() {
        // The same dice give the same colour; gray is far enough from both ends not to be cut off.
        Image clean = draw(scene(Colour.GRAY, List.of(), 1, 0, false), 3);
        Image noisy = draw(scene(Colour.GRAY, List.of(), 1, .1, false), 3);
        double sum = 0;
        double squares = 0;
        int n = clean.rgb().length;
        for (int i = 0; i < n; i++) {
            double difference = ((noisy.rgb()[i] & 0xFF) - (clean.rgb()[i] & 0xFF)) / 255.;
            sum += difference;
            squares += difference * difference;
        }
        // Four deviations of a mean of n draws, and half a step for the roundings.
        assertEquals(0, sum / n, 4 * .1 / Math.sqrt(n) + .5 / 255);
        assertEquals(.1, Math.sqrt(squares / n), 4 * .1 / Math.sqrt(n) + .5 / 255);
    }

    @Test
    void draw_isAFunctionOfSceneAndDice() {
        Scene scene = scene(Colour.BLUE, List.of(DISC), 1, .1, true);
        assertArrayEquals(draw(scene, 3).rgb(), draw(scene, 3).rgb());
        assertFalse(Arrays.equals(draw(scene, 3).rgb(), draw(scene, 4).rgb()));
    }

    private static Image draw(Scene scene, long seed) {
        return Painter.draw(scene, new Dice(seed));
    }

    private static Scene scene(Colour background, List<Thing> things, double light, double noise, boolean blurred) {
        Attributes attributes = new Attributes(
                Kind.CIRCLE, Colour.RED, Texture.SOLID, true, null, things.size(), background, Texture.SOLID);
        return new Scene(background, Texture.SOLID, things, light, noise, blurred, attributes);
    }

    private static void requireColour(Colour colour, double light, Image image, int x, int y) {
        double[] wanted = {colour.red, colour.green, colour.blue};
        for (int c = 0; c < 3; c++) {
            double difference = Math.abs(image.at(x, y, c) - light * wanted[c] * 255);
            assertTrue(difference <= JITTER, colour + ", channel " + c + ", is " + image.at(x, y, c));
        }
    }
}
