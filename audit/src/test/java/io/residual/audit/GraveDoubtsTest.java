package io.residual.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.data.Split;
import io.residual.provenance.Provenance;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GraveDoubtsTest {
    private static final UnitShape SHAPE = new UnitShape(1, 1, 2, 6);
    private static final List<String> CLASSES = List.of("ant", "bee", "cow");

    private static Trace<Split.Train> trace(TraceBlock... blocks) {
        return new Trace<>(
                new UnitFrame(SHAPE, new float[30]),
                List.of(blocks),
                List.of(),
                Provenance.now("model", "data", 0, 0, Map.of()));
    }

    /** Images of three separate classes, of which the first few are labelled as the next class. */
    private static TraceBlock block(int images, int wrong) {
        return block(
                images,
                IntStream.range(0, images)
                        .map(i -> i < wrong ? (i + 1) % 3 : i % 3)
                        .toArray(),
                .05);
    }

    /** Images of three classes in turn, with labels; classes lie 1.4 apart, {@code spread} is the deviation within one. */
    private static TraceBlock block(int images, int[] labels, double spread) {
        Random random = new Random(2);
        float[] output = new float[images * 6];
        for (int i = 0; i < images; i++) {
            for (int j = 0; j < 6; j++) {
                output[i * 6 + j] = (float) (spread * random.nextGaussian()) + (j == i % 3 ? 1 : 0);
            }
        }
        return new TraceBlock(
                SHAPE,
                new float[images * 2],
                new float[images * 2],
                new float[images * 12],
                output,
                labels,
                IntStream.range(0, images).mapToObj(i -> "photo-" + i).toList());
    }

    /** True labels, of which a share is wrong: of any other class, or of the next one only for images of the first two. */
    private static int[] planted(int images, double share, boolean similar) {
        Random random = new Random(5);
        int[] labels = IntStream.range(0, images).map(i -> i % 3).toArray();
        for (int left = (int) Math.round(share * images); left > 0; ) {
            int i = random.nextInt(images);
            if (labels[i] == i % 3 && (!similar || i % 3 < 2)) {
                labels[i] = similar ? 1 - i % 3 : (i % 3 + 1 + random.nextInt(2)) % 3;
                left--;
            }
        }
        return labels;
    }

    @Test
    void wrongLabels_areWorthALine_whereTheyAreNotFew() {
        List<String> notes = GraveDoubts.notes(trace(block(400, 8)), CLASSES);
        assertEquals(1, notes.size());
        assertTrue(notes.get(0).startsWith("8 of 400 training labels (2.0 %)"), notes.get(0));
        assertTrue(notes.get(0).contains("photo-0 is labelled 'bee' and looks like 'ant'"), notes.get(0));
        assertEquals(List.of(), GraveDoubts.notes(trace(block(400, 2)), CLASSES), "two may be anything");
        assertEquals(List.of(), GraveDoubts.notes(trace(block(400, 0)), CLASSES));
        assertEquals(List.of(), GraveDoubts.notes(trace(block(5, 0)), CLASSES), "too few to say anything");
    }

    /** Many wrong labels raise every class's chance, so that probabilities that are calibrated on them rule nothing out. */
    @Test
    void manyWrongLabels_areSeenToo_uniformOrBetweenTwoClasses() {
        for (double share : new double[] {.02, .05, .1}) {
            for (boolean similar : new boolean[] {false, true}) {
                List<String> notes = GraveDoubts.notes(trace(block(600, planted(600, share, similar), .2)), CLASSES);
                assertEquals(1, notes.size(), share + (similar ? " between two classes" : " uniform"));
                int found =
                        Integer.parseInt(notes.get(0).substring(0, notes.get(0).indexOf(' ')));
                assertTrue(found >= .5 * share * 600 && found <= 1.2 * share * 600, notes.get(0));
            }
        }
    }

    @Test
    void classesThatOverlap_areNoCauseForAlarm() {
        for (double spread : new double[] {.3, .5, .8}) {
            assertEquals(
                    List.of(),
                    GraveDoubts.notes(trace(block(600, planted(600, 0, false), spread)), CLASSES),
                    "spread " + spread);
        }
    }

    @Test
    void ofManyImages_inManyBlocks_evenlySpreadOnesAreLookedAt() {
        TraceBlock[] blocks =
                IntStream.range(0, 30).mapToObj(i -> block(200 + i % 3, 5)).toArray(TraceBlock[]::new);
        List<String> notes = GraveDoubts.notes(trace(blocks), CLASSES);
        assertEquals(1, notes.size());
        assertTrue(notes.get(0).contains(" of 5000 training labels"), notes.get(0));
        assertTrue(notes.get(0).contains("photo-0 is labelled 'bee' and looks like 'ant'"), notes.get(0));
    }
}
