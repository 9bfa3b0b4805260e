package io.residual.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class KindTest {
    /** Cells of the grid, a side, on which areas and parts are counted; it spans −1.6 to 1.6. */
    private static final int GRID = 640;

    private static final double CELL = 3.2 / GRID;

    @ParameterizedTest
    @CsvSource({
        "CIRCLE, 0, 0, .9, .9",
        "SQUARE, .7, .7, 0, .9",
        "TRIANGLE, 0, -.7, 0, .8", // points up
        "TRIANGLE, .7, .6, .7, -.6",
        "STAR, 0, -.9, 0, .9", // points up
        "STAR, 0, 0, .8, .1",
        "RING, .68, 0, 0, 0",
        "CROSS, .8, .2, .6, .6",
        "DIAMOND, 0, .9, .6, .6",
        "CRESCENT, -.7, 0, .3, 0", // open to the right
        "ARROW, 0, -.7, .5, .5", // points up
        "ARROW, 0, .8, 0, -1",
        "BAR, .9, .2, 0, .4",
        "ZERO, -.5, 0, 0, 0",
        "ONE, .1, 0, -.5, .5",
        "TWO, .3, .72, .5, .3",
        "THREE, .4, .4, -.5, .3",
        "FOUR, .24, .5, -.5, -.7",
        "FIVE, -.2, -.72, .5, -.4",
        "SIX, -.5, .3, .6, -.4",
        "SEVEN, 0, -.7, -.5, .5",
        "EIGHT, 0, 0, .7, 0",
        "NINE, .1, -.7, -.5, .6",
    })
    void distance_isNegativeInsideAndPositiveOutside(Kind kind, double inX, double inY, double outX, double outY) {
        assertTrue(kind.distance(inX, inY) < 0);
        assertTrue(kind.distance(outX, outY) > 0);
    }

    static Stream<Arguments> areas() {
        double lens = lens(.9, .75, .45);
        return Stream.of(
                Arguments.of(Kind.CIRCLE, Math.PI * .9 * .9),
                Arguments.of(Kind.SQUARE, 1.56 * 1.56),
                Arguments.of(Kind.TRIANGLE, 1.5 * (.75 / .866)), // height 1.5, half a base where .866 x = .75
                Arguments.of(Kind.STAR, 10 * .5 * .98 * .44 * Math.sin(Math.PI / 5)), // ten triangles
                Arguments.of(Kind.RING, Math.PI * (.9 * .9 - .46 * .46)),
                Arguments.of(Kind.CROSS, 2 * .56 * 1.8 - .56 * .56),
                Arguments.of(Kind.DIAMOND, 2 * (.58 / .8) * (.58 / .6)),
                Arguments.of(Kind.CRESCENT, Math.PI * .9 * .9 - lens),
                Arguments.of(Kind.ARROW, .85 * (.6 * .85 / .8) + .4 - .4 * .05), // head, shaft, where they overlap
                Arguments.of(Kind.BAR, 1.9 * .56));
    }

    @ParameterizedTest
    @MethodSource("areas")
    void shape_hasItsArea(Kind kind, double area) {
        int inside = 0;
        for (boolean cell : inside(kind)) {
            inside += cell ? 1 : 0;
        }
        // Outlines are below 10 long; each of their 2,000 cells counts half wrong at random, far less than 1 % of one.
        assertEquals(area, inside * CELL * CELL, .01);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void kind_fitsBetweenMinusAndPlusOneAndAHalf(Kind kind) {
        // The painter looks no farther, whatever the turn; what is beyond would be cut off.
        for (int i = 0; i < 360; i++) {
            double angle = Math.toRadians(i);
            for (double radius = 1.2; radius < 4; radius += .05) {
                double distance = kind.distance(radius * Math.cos(angle), radius * Math.sin(angle));
                assertTrue(distance > 0, kind + " at " + radius + ", " + i + " degrees");
            }
        }
        // It also fills its box well enough to be seen.
        double[] reach = {0};
        forEachInside(kind, (x, y) -> reach[0] = Math.max(reach[0], Math.max(Math.abs(x), Math.abs(y))));
        assertTrue(reach[0] > .75 && reach[0] < 1.1, kind + " reaches to " + reach[0]);
    }

    @Property(tries = 2000)
    void distance_changesNoFasterThanOneWalks(
            @ForAll Kind kind,
            @ForAll @DoubleRange(min = -2, max = 2) double x,
            @ForAll @DoubleRange(min = -2, max = 2) double y,
            @ForAll @DoubleRange(min = -.5, max = .5) double dx,
            @ForAll @DoubleRange(min = -.5, max = .5) double dy) {
        // What anti-aliasing relies on: a distance of d means that the outline is at least d away.
        double change = Math.abs(kind.distance(x + dx, y + dy) - kind.distance(x, y));
        assertTrue(change <= Math.hypot(dx, dy) + 1e-12, kind + " changes by " + change);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void kind_isInOnePiece(Kind kind) {
        assertEquals(1, pieces(inside(kind), true));
    }

    @ParameterizedTest
    @CsvSource({
        "ZERO, 1",
        "ONE, 0",
        "TWO, 0",
        "THREE, 0",
        "FOUR, 1",
        "FIVE, 0",
        "SIX, 1",
        "SEVEN, 0",
        "EIGHT, 2",
        "NINE, 1",
        "RING, 1",
        "CIRCLE, 0",
        "CRESCENT, 0"
    })
    void kind_hasItsHoles(Kind kind, int holes) {
        // The surroundings are one piece of the outside, each hole another.
        assertEquals(1 + holes, pieces(inside(kind), false));
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"CIRCLE", "SQUARE", "TRIANGLE", "STAR", "RING", "CROSS", "DIAMOND", "ARROW", "BAR"})
    void shape_isItsOwnMirrorImage(Kind kind) {
        for (double x = 0; x < 1.5; x += .07) {
            for (double y = -1.5; y < 1.5; y += .07) {
                // The star folds its plane with roundings.
                assertEquals(kind.distance(x, y), kind.distance(-x, y), 1e-12);
            }
        }
    }

    @Test
    void noTwoKinds_lookAlike() {
        List<boolean[]> all = Stream.of(Kind.values()).map(KindTest::inside).toList();
        for (int a = 0; a < all.size(); a++) {
            for (int b = a + 1; b < all.size(); b++) {
                boolean[] one = all.get(a);
                boolean[] other = all.get(b);
                long both = IntStream.range(0, one.length)
                        .filter(i -> one[i] && other[i])
                        .count();
                long either = IntStream.range(0, one.length)
                        .filter(i -> one[i] || other[i])
                        .count();
                assertTrue(both < .85 * either, Kind.values()[a] + " and " + Kind.values()[b]);
            }
        }
    }

    @Test
    void shapesAndDigits_areTenEach() {
        assertEquals(10, Kind.SHAPES.size());
        assertEquals(10, Kind.DIGITS.size());
        for (int i = 0; i < 10; i++) {
            assertTrue(Kind.DIGITS.get(i).isDigit());
            assertEquals(i, Kind.DIGITS.get(i).digit());
            assertFalse(Kind.SHAPES.get(i).isDigit());
        }
        assertEquals("star", Kind.STAR.word());
        assertEquals(7, Kind.SEVEN.digit());
    }

    private interface Point {
        void at(double x, double y);
    }

    private static void forEachInside(Kind kind, Point point) {
        boolean[] inside = inside(kind);
        for (int i = 0; i < inside.length; i++) {
            if (inside[i]) {
                point.at(coordinate(i % GRID), coordinate(i / GRID));
            }
        }
    }

    private static double coordinate(int cell) {
        return (cell + .5) * CELL - 1.6;
    }

    /** Whether the middle of each cell is inside, row by row. */
    private static boolean[] inside(Kind kind) {
        boolean[] inside = new boolean[GRID * GRID];
        for (int i = 0; i < inside.length; i++) {
            inside[i] = kind.distance(coordinate(i % GRID), coordinate(i / GRID)) < 0;
        }
        return inside;
    }

    /** How many connected pieces the cells of a value make. */
    private static int pieces(boolean[] cells, boolean value) {
        boolean[] seen = new boolean[cells.length];
        int pieces = 0;
        for (int start = 0; start < cells.length; start++) {
            if (cells[start] != value || seen[start]) {
                continue;
            }
            pieces++;
            Deque<Integer> open = new ArrayDeque<>(List.of(start));
            seen[start] = true;
            while (!open.isEmpty()) {
                int at = open.pop();
                int x = at % GRID;
                int y = at / GRID;
                int[] neighbours = {
                    x > 0 ? at - 1 : at,
                    x < GRID - 1 ? at + 1 : at,
                    y > 0 ? at - GRID : at,
                    y < GRID - 1 ? at + GRID : at
                };
                for (int next : neighbours) {
                    if (cells[next] == value && !seen[next]) {
                        seen[next] = true;
                        open.push(next);
                    }
                }
            }
        }
        return pieces;
    }

    /** What two discs of radii r and s, d apart, have in common. */
    private static double lens(double r, double s, double d) {
        double a = Math.acos((d * d + r * r - s * s) / (2 * d * r));
        double b = Math.acos((d * d + s * s - r * r) / (2 * d * s));
        return r * r * (a - Math.sin(2 * a) / 2) + s * s * (b - Math.sin(2 * b) / 2);
    }
}
