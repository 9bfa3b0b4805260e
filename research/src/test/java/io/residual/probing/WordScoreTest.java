package io.residual.probing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.description.Description.Term;
import io.residual.probing.Factor.Sentence;
import io.residual.probing.WordScore.Named;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WordScoreTest {
    private static final List<Sentence> SENTENCES = Factor.sentences();

    private static Term term(Factor factor, int level, double weight) {
        for (int i = 0; i < SENTENCES.size(); i++) {
            if (SENTENCES.get(i).factor() == factor && SENTENCES.get(i).level() == level) {
                return new Term(i, SENTENCES.get(i).text(), weight, .5, .5);
            }
        }
        throw new IllegalArgumentException(factor + " " + level);
    }

    private static List<Factor> named() {
        return Arrays.stream(Factor.values()).filter(Factor::isNamed).toList();
    }

    /**
     * Coordinates 1 for small things and 3 for large ones: along the direction the extreme level is large, against it small. Of 130
     * sentences 4 name a size.
     */
    @Test
    void score_byHand() {
        int[][] levels = new int[Factor.values().length][4];
        levels[Factor.SIZE.ordinal()] = new int[] {0, 0, 1, 1};
        double[] values = {1, 1, 3, 3};
        List<Named> named = List.of(
                new Named(0, Factor.SIZE, List.of(term(Factor.SIZE, 1, 1)), values), // right, and so is the level
                new Named(0, Factor.SIZE, List.of(term(Factor.SIZE, 1, -1)), values), // right, but for the level
                new Named(0, Factor.SIZE, List.of(term(Factor.KIND, 0, 1), term(Factor.SIZE, 0, 1)), values), // second
                new Named(0, Factor.SIZE, List.of(term(Factor.KIND, 0, 1)), values), // wrong
                new Named(0, Factor.SIZE, List.of(), values)); // no words: not asked
        WordScore score = WordScore.of("method", named, SENTENCES, levels, 1);
        assertEquals(4, score.asked());
        assertEquals(2, score.first());
        assertEquals(3, score.among());
        assertEquals(2, score.levelAsked());
        assertEquals(1, score.levelRight());
        assertEquals(2 * .5, score.levelChance(), 1e-12);
        assertEquals(4 * 4 / 130.0, score.sentence(), 1e-12);
        assertEquals(2, score.chance(), 1e-12); // all truths of the layer are alike: dealing changes nothing
        assertEquals(1, score.probability(), 1e-12);
    }

    private static WordScore score(boolean right, int rounds, Random random, long seed) {
        List<Named> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Factor truth = named().get(random.nextInt(named().size()));
            Factor said = right ? truth : named().get(random.nextInt(named().size()));
            all.add(new Named(i % 2, truth, List.of(term(said, 0, 1)), null));
        }
        return WordScore.of("method", all, SENTENCES, new int[Factor.values().length][0], seed, rounds);
    }

    @Test
    void wordsThatNameTheTruth_areBeyondChance() {
        WordScore score = score(true, 999, new Random(1), 1);
        assertEquals(40, score.first());
        assertEquals(0, score.levelAsked());
        assertTrue(score.chance() < 15, "dealt within a layer: " + score.chance());
        assertEquals(.001, score.probability(), 1e-12);
    }

    /** A count has ties, which count against it: p is never smaller than uniform, nor useless. */
    @Test
    void probability_whereWordsMeanNothing_isNotTooSmall() {
        int rounds = 99;
        double[] p = new double[200];
        Random random = new Random(5);
        for (int trial = 0; trial < p.length; trial++) {
            p[trial] = score(false, rounds, random, trial).probability();
        }
        Uniform.requireNotSmaller(p, rounds);
        double mean = Arrays.stream(p).average().orElse(1);
        assertTrue(mean < .65, "ties add about half of a count's likeliest value, which is 0.18 here: " + mean);
    }
}
