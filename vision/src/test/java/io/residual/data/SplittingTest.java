package io.residual.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.images.MadeUpSource;
import io.residual.images.Refusal;
import io.residual.images.UnreadableImageException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Splitting, and with it Stratified, LabelledImages and Dataset. */
class SplittingTest {
    private static final Prompts FIVE = new Prompts(List.of("a", "b", "c", "d", "e"), List.of("{}"));

    private static Dataset split(Splitting splitting, int[] train, int @Nullable [] validation, int @Nullable [] test) {
        return splitting.split(
                "made up",
                "nowhere",
                FIVE,
                new MadeUpSource(train),
                validation == null ? null : new MadeUpSource(validation),
                test == null ? null : new MadeUpSource(test));
    }

    private static Dataset split(Splitting splitting, int... labels) {
        return split(splitting, labels, null, null);
    }

    private static List<Integer> rows(LabelledImages<?> images) {
        return IntStream.range(0, images.size())
                .mapToObj(i -> Integer.valueOf(images.name(i).substring(1)))
                .toList();
    }

    private static List<List<Integer>> rows(Dataset dataset) {
        return List.of(rows(dataset.train()), rows(dataset.validation()), rows(dataset.test()));
    }

    private static int[] counts(int... labels) {
        int[] out = new int[5];
        for (int label : labels) {
            out[label]++;
        }
        return out;
    }

    /** Every class's number is its share of {@code all} in as many images, rounded down or up. */
    private static void assertShares(int[] all, int... some) {
        int[] of = counts(all);
        int[] found = counts(some);
        for (int c = 0; c < 5; c++) {
            double exact = (double) of[c] * some.length / all.length;
            // A share that is a whole number may come out of the division a little to either side of it.
            assertTrue(Math.abs(found[c] - exact) < 1 + 1e-9, found[c] + " of class " + c + ", share " + exact);
        }
    }

    @Provide
    Arbitrary<int[]> labels() {
        return Arbitraries.integers()
                .between(0, 4)
                .array(int[].class)
                .ofMinSize(10)
                .ofMaxSize(300);
    }

    @Property(tries = 300)
    void split_anything_isDisjointAndCoversEverything(
            @ForAll("labels") int[] labels,
            @ForAll @DoubleRange(min = .1, max = .45) double validation,
            @ForAll @DoubleRange(min = .1, max = .45) double test,
            @ForAll long seed) {
        Dataset dataset = split(new Splitting(validation, test, seed), labels);
        List<Integer> all =
                rows(dataset).stream().flatMap(List::stream).sorted().toList();
        assertEquals(IntStream.range(0, labels.length).boxed().toList(), all);
        rows(dataset).forEach(rows -> assertEquals(rows.stream().sorted().toList(), rows));
    }

    @Property(tries = 300)
    void split_anything_keepsClassShares(
            @ForAll("labels") int[] labels,
            @ForAll @DoubleRange(min = .1, max = .45) double validation,
            @ForAll @DoubleRange(min = .1, max = .45) double test,
            @ForAll long seed) {
        Dataset dataset = split(new Splitting(validation, test, seed), labels);
        assertShares(labels, dataset.test().labels());
        Set<Integer> tested = new HashSet<>(rows(dataset.test()));
        int[] rest = IntStream.range(0, labels.length)
                .filter(i -> !tested.contains(i))
                .map(i -> labels[i])
                .toArray();
        assertShares(rest, dataset.validation().labels());
        assertShares(rest, dataset.train().labels());
    }

    /** Each split's size is its share of all, to within the roundings of test and of validation. */
    @Property(tries = 300)
    void split_anything_hasTheSharesAskedFor(
            @ForAll("labels") int[] labels,
            @ForAll @DoubleRange(min = .1, max = .45) double validation,
            @ForAll @DoubleRange(min = .1, max = .45) double test) {
        Dataset dataset = split(new Splitting(validation, test, 1), labels);
        int n = labels.length;
        assertEquals(n * test, dataset.test().size(), .5 + 1e-9);
        assertEquals(n * validation, dataset.validation().size(), .5 + .5 * validation / (1 - test) + 1e-9);
    }

    @ParameterizedTest
    @CsvSource({
        "5, 3, 1, 1",
        "10, 6, 2, 2",
        "15, 9, 3, 3",
        "100, 60, 20, 20",
        "1000, 600, 200, 200",
        "12345, 7407, 2469, 2469"
    })
    void split_default_isSixtyTwentyTwenty(int all, int train, int validation, int test) {
        int[] labels = IntStream.range(0, all).map(i -> i % 5).toArray();
        Dataset dataset = split(Splitting.DEFAULT, labels);
        assertEquals(train, dataset.train().size());
        assertEquals(validation, dataset.validation().size());
        assertEquals(test, dataset.test().size());
    }

    @Test
    void split_default_takesAFifthOfEveryClass() {
        // 10, 20, 30, 40 and 50 images of the classes, mixed
        int[] labels = IntStream.range(0, 150)
                .map(i -> i * 7 % 150)
                .map(i -> (int) ((Math.sqrt(.8 * i + 1) - 1) / 2))
                .toArray();
        assertArrayEquals(new int[] {10, 20, 30, 40, 50}, counts(labels));
        Dataset dataset = split(Splitting.DEFAULT, labels);
        assertArrayEquals(new int[] {6, 12, 18, 24, 30}, counts(dataset.train().labels()));
        assertArrayEquals(
                new int[] {2, 4, 6, 8, 10}, counts(dataset.validation().labels()));
        assertArrayEquals(new int[] {2, 4, 6, 8, 10}, counts(dataset.test().labels()));
    }

    @Property(tries = 50)
    void split_sameSeed_isTheSame(@ForAll("labels") int[] labels, @ForAll long seed) {
        assertEquals(
                rows(split(new Splitting(.2, .2, seed), labels)), rows(split(new Splitting(.2, .2, seed), labels)));
    }

    /** Of 10^40 ways to choose 20 of 100 there would have to come twice the same. */
    @Property(tries = 50)
    void split_anotherSeed_isAnother(@ForAll long seed, @ForAll long other) {
        Assume.that(seed != other);
        int[] labels = IntStream.range(0, 100).map(i -> i % 5).toArray();
        Dataset one = split(new Splitting(.2, .2, seed), labels);
        Dataset two = split(new Splitting(.2, .2, other), labels);
        assertNotEquals(rows(one.test()), rows(two.test()));
        assertNotEquals(rows(one.validation()), rows(two.validation()));
    }

    /** The seed decides which images, not only how many: in the long run each comes equally often. */
    @Test
    void split_manySeeds_chooseEveryImageEquallyOften() {
        int[] labels = IntStream.range(0, 20).map(i -> i % 2).toArray();
        int[] chosen = new int[20];
        for (int seed = 0; seed < 1000; seed++) {
            rows(split(new Splitting(.2, .2, seed), labels).test()).forEach(row -> chosen[row]++);
        }
        // Binomial, 1000 of .2: deviation 12.6; six of them.
        for (int row = 0; row < 20; row++) {
            assertEquals(200, chosen[row], 76, "image " + row);
        }
    }

    @Test
    void split_withBothParts_takesNothingFromTrain() {
        Dataset dataset = split(Splitting.DEFAULT, new int[] {0, 1, 2}, new int[] {3}, new int[] {4, 4});
        assertArrayEquals(new int[] {0, 1, 2}, dataset.train().labels());
        assertArrayEquals(new int[] {3}, dataset.validation().labels());
        assertArrayEquals(new int[] {4, 4}, dataset.test().labels());
        assertEquals("nowhere", dataset.origin());
    }

    @Test
    void split_withTestPart_takesValidationsWholeShareFromTrain() {
        int[] labels = IntStream.range(0, 50).map(i -> i % 5).toArray();
        Dataset dataset = split(new Splitting(.3, .5, 7), labels, null, new int[] {4, 4});
        assertEquals(35, dataset.train().size());
        assertEquals(15, dataset.validation().size());
        assertArrayEquals(new int[] {4, 4}, dataset.test().labels());
        assertEquals("nowhere (validation 0.3 of it, seed 7)", dataset.origin());
    }

    @Test
    void split_withValidationPart_takesTestFromTrain() {
        int[] labels = IntStream.range(0, 50).map(i -> i % 5).toArray();
        Dataset dataset = split(Splitting.DEFAULT, labels, new int[] {3}, null);
        assertEquals(40, dataset.train().size());
        assertArrayEquals(new int[] {3}, dataset.validation().labels());
        assertEquals(10, dataset.test().size());
        assertEquals("nowhere (test 0.2 of it, seed 42)", dataset.origin());
    }

    @ParameterizedTest
    @CsvSource({"0, .2", ".2, 0", "-.1, .2", ".5, .5", ".9, .2", "NaN, .2", ".2, NaN"})
    void create_sharesThatLeaveNothing_isRefused(double validation, double test) {
        Refusal.of(() -> new Splitting(validation, test, 1), String.valueOf(validation), String.valueOf(test));
    }

    @Test
    void split_tooFew_isRefused() {
        Refusal.of(() -> split(Splitting.DEFAULT, 0, 1), "nowhere", "no test images");
        Refusal.of(() -> split(new Splitting(.01, .4, 1), 0, 1, 2), "nowhere", "no validation images");
        Refusal.of(() -> split(Splitting.DEFAULT, new int[0], new int[] {1}, new int[] {1}), "no training images");
    }

    @Test
    void split_oneClass_isRefused() {
        Prompts one = new Prompts(List.of("cat"), List.of("{}"));
        Refusal.of(
                () -> Splitting.DEFAULT.split("made up", "nowhere", one, new MadeUpSource(new int[20]), null, null),
                "nowhere",
                "one class (cat)");
    }

    @Property(tries = 300)
    void atMost_anything_hasExactlySoManyInProportion(
            @ForAll("labels") int[] labels, @ForAll @IntRange(min = 1, max = 320) int count, @ForAll long seed) {
        LabelledImages<Split.Train> all = LabelledImages.of(new MadeUpSource(labels));
        LabelledImages<Split.Train> some = all.atMost(count, seed);
        assertEquals(Math.min(count, labels.length), some.size());
        assertShares(labels, some.labels());
        List<Integer> rows = rows(some);
        assertEquals(rows.stream().distinct().sorted().toList(), rows);
        for (int i = 0; i < some.size(); i++) {
            assertEquals(labels[rows.get(i)], some.label(i));
        }
        assertEquals(rows, rows(all.atMost(count, seed)));
    }

    @Test
    void atMost_enough_isTheSame() {
        LabelledImages<Split.Train> all = LabelledImages.of(new MadeUpSource(0, 1, 2));
        assertSame(all, all.atMost(3, 1));
        assertSame(all, all.atMost(Integer.MAX_VALUE, 1));
    }

    @Test
    void atMost_dataset_limitsEverySplit() {
        int[] labels = IntStream.range(0, 100).map(i -> i % 5).toArray();
        Dataset all = split(Splitting.DEFAULT, labels);
        Dataset some = all.atMost(10, 5, 100, 3);
        assertArrayEquals(new int[] {2, 2, 2, 2, 2}, counts(some.train().labels()));
        assertArrayEquals(new int[] {1, 1, 1, 1, 1}, counts(some.validation().labels()));
        assertEquals(rows(all.test()), rows(some.test()));
        assertTrue(rows(all.train()).containsAll(rows(some.train())));
        assertTrue(rows(all.validation()).containsAll(rows(some.validation())));
        Refusal.of(() -> all.atMost(10, 0, 10, 3), "no validation images");
    }

    @Test
    void with_otherPrompts_keepsTheSplits() {
        Prompts other = new Prompts(List.of("v", "w", "x", "y", "z"), List.of("the {}"));
        Dataset all =
                split(Splitting.DEFAULT, IntStream.range(0, 20).map(i -> i % 5).toArray());
        Dataset changed = all.with(other);
        assertSame(other, changed.prompts());
        assertEquals(rows(all), rows(changed));
    }

    @Test
    void of_rows_mapsEverythingAndKeepsItsOwnCopy() throws UnreadableImageException {
        int[] rows = {4, 1};
        LabelledImages<Split.Test> images = LabelledImages.of(new MadeUpSource(0, 1, 2, 3, 4), rows);
        rows[0] = 0;
        assertEquals(2, images.size());
        assertEquals("#4", images.name(0));
        assertArrayEquals(new int[] {4, 1}, images.labels());
        assertEquals(5, images.read(0).width());
        assertEquals(2, images.read(1).width());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void sample_threeUnequalClasses_roundsByLargestRemainder(int count) {
        int[] labels = {0, 0, 0, 0, 1, 1, 2};
        // Shares of 4, 2 and 1 seventh, by hand; 1 of 7 leaves .57, .29, .14, and so on.
        int[][] expected = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {2, 1, 0}, {2, 1, 1}, {3, 1, 1}, {3, 2, 1}, {4, 2, 1}};
        int[] sample = Stratified.sample(labels, count, new SplittableRandom(5));
        int[] found = new int[3];
        Arrays.stream(sample).forEach(i -> found[labels[i]]++);
        assertArrayEquals(expected[count], found);
        assertEquals(count, Arrays.stream(sample).distinct().count());
    }

    @Test
    void inOrderOf_sameNames_goTogetherByName() {
        Dataset dataset = split(Splitting.DEFAULT, new int[] {0, 1, 2, 3, 4}, new int[] {3}, new int[] {4, 0});
        Dataset other = dataset.inOrderOf(List.of("e", "d", "c", "b", "a"));
        assertArrayEquals(new int[] {4, 3, 2, 1, 0}, other.train().labels());
        assertArrayEquals(new int[] {0, 4}, other.test().labels());
        assertEquals(List.of("e", "d", "c", "b", "a"), other.prompts().classes());
        assertSame(dataset, dataset.inOrderOf(dataset.prompts().classes()));
    }

    @Test
    void requireTrained_classWithoutTrainingImages_isRefusedByName() {
        Dataset dataset = split(Splitting.DEFAULT, new int[] {0, 1, 2, 4}, new int[] {3}, new int[] {3});
        assertEquals(List.of("d"), dataset.untrained());
        Refusal.of(dataset::requireTrained, "nowhere", "no training image of d");
    }
}
