package io.residual.probing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AssociationTest {
    /**
     * Groups (1, 3) and (6, 8): means 2 and 7 about 4.5, so 25 between, 4 within of 29; with one and two degrees of
     * freedom, ε² = (25 − 4/2) / 29.
     */
    @Test
    void epsilonSquared_byHand() {
        double[] values = {1, 3, 6, 8};
        assertEquals(23 / 29.0, Association.epsilonSquared(values, new int[] {0, 0, 1, 1}, 2), 1e-12);
        assertEquals(23 / 29.0, Association.epsilonSquared(values, new int[] {4, 4, 2, 2}, 9), 1e-12);
    }

    /** What is explained where the factor applies, related to the variance over all: Σ 68, Σ² 12,610. */
    @Test
    void epsilonSquared_whereItAppliesToSome_isAShareOfAllVariance() {
        double[] values = {1, 100, 3, 6, -50, 8};
        assertEquals(
                23 / (12_610 - 68 * 68 / 6.0),
                Association.epsilonSquared(values, new int[] {0, -1, 0, 1, -1, 1}, 2),
                1e-12);
    }

    @Test
    void epsilonSquared_ofExactGroups_isOne() {
        assertEquals(1, Association.epsilonSquared(new double[] {2, 2, 5, 5, 9, 9}, new int[] {0, 0, 1, 1, 2, 2}, 3));
    }

    @Test
    void epsilonSquared_whereThereIsNothingToMeasure_isZero() {
        assertEquals(0, Association.epsilonSquared(new double[] {1, 2, 3}, new int[] {0, 0, 0}, 2)); // one level
        assertEquals(0, Association.epsilonSquared(new double[] {4, 4, 4, 4}, new int[] {0, 0, 1, 1}, 2)); // constant
        assertEquals(0, Association.epsilonSquared(new double[] {1, 2}, new int[] {0, 1}, 2)); // one of each
        assertEquals(0, Association.epsilonSquared(new double[] {1, 2}, new int[] {-1, -1}, 2));
    }

    /** Its point: levels that mean nothing explain 0 on average, however many there are; η² would give (g − 1)/(n − 1). */
    @ParameterizedTest
    @ValueSource(ints = {2, 20})
    void epsilonSquared_ofNoise_isZeroOnAverage(int levels) {
        Random random = new Random(1);
        double sum = 0;
        int rounds = 2000;
        for (int r = 0; r < rounds; r++) {
            double[] values = new double[100];
            int[] groups = new int[100];
            for (int i = 0; i < 100; i++) {
                values[i] = random.nextGaussian();
                groups[i] = i % levels;
            }
            sum += Association.epsilonSquared(values, groups, levels);
        }
        // Its deviation is about √(2 g)/n = 0.06 for 20 levels, and 1/45 of that over 2,000 rounds; η² would be 0.19.
        assertEquals(0, sum / rounds, .006);
    }

    /**
     * Levels 0 … g − 1 have a variance of (g² − 1)/12; with noise of a chosen variance the share that they explain is known. Its
     * deviation over samples of n is below 2 √(share/n).
     */
    @ParameterizedTest
    @ValueSource(doubles = {.1, .5, .9})
    void epsilonSquared_ofAPlantedEffect_isItsShare(double share) {
        Random random = new Random(1);
        int n = 20_000;
        int levels = 6;
        double noise = Math.sqrt((levels * levels - 1) / 12.0 * (1 - share) / share);
        double[] values = new double[n];
        int[] groups = new int[n];
        for (int i = 0; i < n; i++) {
            groups[i] = i % levels;
            values[i] = groups[i] + noise * random.nextGaussian();
        }
        assertEquals(share, Association.epsilonSquared(values, groups, levels), 2 * 2 * Math.sqrt(share / n));
    }

    @Test
    void extremeLevel_liesOnTheSideOfTheSign() {
        double[] values = {1, 3, -6, -8, 4};
        int[] levels = {0, 0, 2, 2, -1};
        assertEquals(0, Association.extremeLevel(values, levels, 3, 1));
        assertEquals(2, Association.extremeLevel(values, levels, 3, -1));
    }

    @Test
    void sentences_nameEveryLevelTwiceAndNoTwoTheSame() {
        List<Factor.Sentence> sentences = Factor.sentences();
        assertEquals(130, sentences.size());
        Set<String> texts = new HashSet<>();
        sentences.forEach(s -> assertTrue(texts.add(s.text()), s.text()));
        for (Factor factor : Factor.values()) {
            for (int level = 0; level < factor.levels(); level++) {
                int l = level;
                long naming = sentences.stream()
                        .filter(s -> s.factor() == factor && s.level() == l)
                        .count();
                assertEquals(factor.isNamed() ? 2 : 0, naming, factor + " " + level);
            }
        }
        assertTrue(
                Arrays.stream(Factor.values()).filter(f -> !f.isNamed()).allMatch(Factor.BACKGROUND_TEXTURE::equals));
        assertTrue(texts.contains("an orange object") && texts.contains("an object at the top left"));
    }
}
