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

    /** Images of three separate classes, of which the first few are labelled as the next class. */
    private static Trace<Split.Train> trace(TraceBlock... blocks) {
        return new Trace<>(
                new UnitFrame(SHAPE, new float[30]),
                List.of(blocks),
                List.of(),
                Provenance.now("model", "data", 0, 0, Map.of()));
    }

    private static TraceBlock block(int images, int wrong) {
        Random random = new Random(2);
        float[] output = new float[images * 6];
        int[] labels = new int[images];
        for (int i = 0; i < images; i++) {
            labels[i] = i < wrong ? (i + 1) % 3 : i % 3;
            for (int j = 0; j < 6; j++) {
                output[i * 6 + j] = (float) (.05 * random.nextGaussian()) + (j == i % 3 ? 1 : 0);
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

    @Test
    void wrongLabels_areWorthALine_whereTheyAreNotFew() {
        List<String> notes = GraveDoubts.notes(trace(block(400, 6)), CLASSES);
        assertEquals(1, notes.size());
        assertTrue(notes.get(0).startsWith("6 of 400 training labels (1.5 %)"), notes.get(0));
        assertTrue(notes.get(0).contains("photo-0 is labelled 'bee' and looks like 'ant'"), notes.get(0));
        assertEquals(List.of(), GraveDoubts.notes(trace(block(400, 2)), CLASSES), "two may be anything");
        assertEquals(List.of(), GraveDoubts.notes(trace(block(400, 0)), CLASSES));
        assertEquals(List.of(), GraveDoubts.notes(trace(block(5, 0)), CLASSES), "too few to say anything");
    }

    @Test
    void ofManyImages_inManyBlocks_evenlySpreadOnesAreLookedAt() {
        TraceBlock[] blocks =
                IntStream.range(0, 30).mapToObj(i -> block(200 + i % 3, 3)).toArray(TraceBlock[]::new);
        List<String> notes = GraveDoubts.notes(trace(blocks), CLASSES);
        assertEquals(1, notes.size());
        assertTrue(notes.get(0).contains(" of 5000 training labels"), notes.get(0));
        assertTrue(notes.get(0).contains("photo-0 is labelled 'bee' and looks like 'ant'"), notes.get(0));
    }
}
