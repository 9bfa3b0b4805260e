package io.residual.probing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.Progress;
import io.residual.fixtures.MadeUpTrace;
import io.residual.units.Trace;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** An attribute that is planted in one head is found there with the strength that it was planted with, and nowhere else. */
class EncodingsTest {
    private static final UnitShape SHAPE = new UnitShape(2, 2, 3, 6);
    private static final UnitId HEAD = new UnitId(UnitId.Kind.HEAD, 1, 0);
    private static final int IMAGES = 1200;

    private static int[][] levels(int images, Random random) {
        int[][] levels = new int[Factor.values().length][];
        for (Factor factor : Factor.values()) {
            levels[factor.ordinal()] = random.ints(images, 0, factor.levels()).toArray();
        }
        return levels;
    }

    /**
     * Noise everywhere, but for the first coordinate of one head: the level of a colour, of variance (12² − 1)/12 = 11.9, and noise such
     * that the colour explains this share of the whole.
     */
    private static Trace<?> trace(int[][] levels, double share, Random random) {
        UnitFrame frame = MadeUpTrace.frame(SHAPE, 3);
        int width = SHAPE.allHeads() * SHAPE.headWidth();
        float[] heads = new float[IMAGES * width];
        float[] norm = new float[IMAGES * 2]; // 1/σ and μ/σ that do not vary
        float[] projected = new float[IMAGES * (1 + SHAPE.layers()) * SHAPE.sharedWidth()];
        for (int i = 0; i < heads.length; i++) {
            heads[i] = (float) (.01 * random.nextGaussian());
        }
        for (int i = 0; i < projected.length; i++) {
            projected[i] = (float) random.nextGaussian();
        }
        int planted = (HEAD.layer() * SHAPE.heads() + HEAD.head()) * SHAPE.headWidth();
        double noise = Math.sqrt((144 - 1) / 12.0 * (1 - share) / share);
        for (int i = 0; i < IMAGES; i++) {
            heads[i * width + planted] = (float) (levels[Factor.COLOUR.ordinal()][i] + noise * random.nextGaussian());
        }
        return MadeUpTrace.trace(frame, MadeUpTrace.block(frame, heads, norm, projected, IMAGES, 2));
    }

    @Test
    void aPlantedAttribute_isFoundWithItsStrength_andOnlyWhereItIs() {
        Random random = new Random(11);
        int[][] levels = levels(IMAGES, random);
        for (double share : new double[] {.8, .3}) {
            Encodings found = Encodings.of(trace(levels, share, random), levels, Progress.silent());
            double chance = found.chance(levels, 5, Progress.silent());
            List<Component> beyond = found.components().stream()
                    .filter(c -> c.bestStrength() > chance)
                    .toList();
            assertEquals(1, beyond.size(), () -> beyond.toString());
            Component component = beyond.get(0);
            assertEquals(HEAD, component.unit());
            assertEquals(0, component.index());
            assertEquals(Factor.COLOUR, component.best());
            // The deviation of a share of variance explained, estimated from 1,200 images, is below 2 √(share/n) =
            // 0.05.
            assertEquals(share, component.bestStrength(), .05);
            assertTrue(component.share() > .99, "the planted coordinate is nearly all of the head");
            assertEquals(Factor.COLOUR, Component.main(found.components(), HEAD, chance));
            assertEquals(
                    component.share() * component.bestStrength(),
                    Component.amounts(found.components(), HEAD)[Factor.COLOUR.ordinal()],
                    .01);
        }
    }

    /** Where nothing is there, the largest strength exceeds the level in 5 of 100 cases: 10 of 200, with a deviation of 3.1. */
    @Test
    void chance_isExceededInFiveOfAHundredCases() {
        Random random = new Random(2);
        int exceeded = 0;
        for (int trial = 0; trial < 200; trial++) {
            int[][] levels = levels(30, random);
            List<double[]> values = new ArrayList<>();
            double largest = 0;
            for (int k = 0; k < 2; k++) {
                values.add(random.doubles(30).toArray());
                for (double strength : Component.strengths(values.get(k), levels)) {
                    largest = Math.max(largest, strength);
                }
            }
            double chance = new Encodings(List.of(), List.of(), values).chance(levels, trial, Progress.silent());
            exceeded += largest > chance ? 1 : 0;
        }
        assertEquals(10, exceeded, 3 * 3.1);
    }
}
