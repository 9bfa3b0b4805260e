package io.residual.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.experiment.Advice.Tested;
import io.residual.experiment.TestScore.Reliability;
import io.residual.zeroshot.Accuracy;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AdviceTest {
    /** Right on the images from {@code from} to {@code to} of as many, in two classes of one size. */
    private static Tested tested(String name, int from, int to, int images, int accepted, int acceptedRight) {
        BitSet right = new BitSet();
        right.set(from, to);
        List<@Nullable Accuracy> classes =
                List.of(new Accuracy((to - from) / 2, images / 2), new Accuracy((to - from) / 2, images / 2));
        Reliability reliability = new Reliability(
                0, 0, (double) accepted / images, (double) acceptedRight / accepted, accepted, acceptedRight);
        return new Tested(
                name,
                name.equals("Base"),
                .95,
                new TestScore(new Accuracy(to - from, images), reliability, classes, right));
    }

    private static boolean says(List<String> advice, String... parts) {
        return advice.stream().anyMatch(a -> List.of(parts).stream().allMatch(a::contains));
    }

    @Test
    void whatIsSureEnough_isNotWarnedOf() {
        List<String> advice =
                Advice.on(List.of(tested("Base", 0, 600, 1000, 600, 580), tested("ResiDual", 0, 900, 1000, 900, 870)));
        assertEquals(List.of(), advice);
    }

    @Test
    void fewValidationImages_makeTheCalibrationDoubtful() {
        assertEquals(List.of(), Advice.onCalibration(100));
        assertTrue(says(Advice.onCalibration(99), "99 validation images", "may mislead"));
    }

    @Test
    void chance_isNamedWithEveryMethodWhoseIntervalIncludesIt() {
        List<String> advice =
                Advice.on(List.of(tested("Base", 0, 104, 200, 10, 10), tested("ResiDual", 0, 180, 200, 10, 10)));
        assertTrue(
                says(advice, "chance: Base (52.0 %)", "interval includes 50.0 %", "one of 2 classes"),
                advice::toString);
        assertFalse(says(advice, "chance", "ResiDual ("), advice::toString);
    }

    /** Three of four images are of one class: always answering it is right in 75 %, which is no merit. */
    @Test
    void chance_isTheMostFrequentClass_whereClassesAreUneven() {
        Reliability any = new Reliability(0, 0, .1, 1, 10, 10);
        TestScore score = new TestScore(
                new Accuracy(150, 200), any, List.of(new Accuracy(150, 150), new Accuracy(0, 50)), new BitSet());
        assertEquals(.75, Advice.chance(score), 0);
        List<String> advice = Advice.on(List.of(new Tested("ResiDual", false, .95, score)));
        assertTrue(says(advice, "75.0 %", "most frequent class"), advice::toString);
    }

    /** 3 of 6 cannot be 95 % (interval to 81 %), 5 of 5 can. */
    @Test
    void missedTarget_isSaid_whereTheIntervalLiesBelowIt() {
        List<String> advice =
                Advice.on(List.of(tested("Base", 0, 150, 200, 6, 3), tested("ResiDual", 0, 190, 200, 5, 5)));
        assertTrue(says(advice, "target of 95 %", "Base (3 of 6)"), advice::toString);
        assertFalse(says(advice, "target", "ResiDual ("), advice::toString);
    }

    @Test
    void fewTestImages_areCounted() {
        List<String> advice = Advice.on(List.of(tested("Base", 0, 18, 20, 10, 10)));
        assertTrue(says(advice, "20 test images are few", "points wide"), advice::toString);
    }

    /** scipy.stats.binomtest(2, 12).pvalue and binomtest(0, 5).pvalue, which McNemar's exact test is. */
    @Test
    void mcNemar_isTheBinomialTestOfTheDiscordantImages() {
        BitSet a = new BitSet();
        a.set(0, 10);
        BitSet b = new BitSet();
        b.set(10, 12);
        a.set(50, 90);
        b.set(50, 90);
        assertEquals(.03857421875, Advice.mcNemar(a, b), 1e-12);
        BitSet five = new BitSet();
        five.set(0, 5);
        assertEquals(.0625, Advice.mcNemar(five, new BitSet()), 1e-12);
        assertEquals(1, Advice.mcNemar(a, a), 0);
    }

    @Test
    void methodsThatDifferOnFewImages_cannotBeToldApart() {
        Tested base = tested("Base", 0, 500, 1000, 500, 490);
        Tested one = tested("ResiDual", 0, 900, 1000, 900, 880);
        Tested other = tested("Linear Aligner", 2, 904, 1000, 900, 880);
        Tested worse = tested("Coarse", 0, 700, 1000, 700, 690);
        List<String> advice = Advice.on(List.of(base, one, other, worse));
        assertTrue(says(advice, "ResiDual, Linear Aligner cannot be told apart", "1000 test images"), advice::toString);
        assertFalse(says(advice, "Coarse"), advice::toString);
    }

    @Test
    void noMethodBetterThanBase_isSaid() {
        List<String> advice =
                Advice.on(List.of(tested("Base", 0, 900, 1000, 900, 880), tested("ResiDual", 0, 902, 1000, 900, 880)));
        assertTrue(says(advice, "ResiDual is not distinguishable from Base"), advice::toString);
        advice = Advice.on(List.of(
                tested("Base", 0, 900, 1000, 900, 880),
                tested("ResiDual", 0, 902, 1000, 900, 880),
                tested("Coarse", 0, 800, 1000, 900, 880)));
        assertTrue(says(advice, "no method is distinguishably better than Base"), advice::toString);
        assertFalse(says(advice, "told apart"), advice::toString);
    }
}
