package io.residual.data;

import io.residual.base.InputException;
import io.residual.images.ImageSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Shares and seed for data sets without splits of their own, and for taking validation images from the training images.
 *
 * @param validation share of the images for validation
 * @param test share of the images for testing, if the data set has no test split
 * @param seed of the random split
 */
public record Splitting(double validation, double test, long seed) {
    /** A fifth each, seed 42. */
    public static final Splitting DEFAULT = new Splitting(.2, .2, 42);

    public Splitting {
        if (!(validation > 0 && test > 0 && validation + test < 1)) {
            throw new InputException("the shares of validation (" + validation + ") and test (" + test
                    + ") must be positive and leave something for training");
        }
    }

    /**
     * Makes a data set from the parts that there are.
     *
     * @param train the images for training, from which what is missing is taken
     * @param validationPart the data set's own validation part, or null
     * @param testPart the data set's own test part, or null
     */
    public Dataset split(
            String name,
            String origin,
            Prompts prompts,
            ImageSource train,
            @Nullable ImageSource validationPart,
            @Nullable ImageSource testPart) {
        int[] left = IntStream.range(0, train.size()).toArray();
        SplittableRandom random = new SplittableRandom(seed);
        List<String> how = new ArrayList<>();
        LabelledImages<Split.Test> testSet;
        if (testPart == null) {
            int[] taken = take(train, left, testOf(left.length), random);
            left = without(left, taken);
            testSet = LabelledImages.of(train, taken);
            how.add("test " + test + " of it");
        } else {
            testSet = LabelledImages.of(testPart);
        }
        LabelledImages<Split.Validation> validationSet;
        if (validationPart == null) {
            int[] taken = take(train, left, validationOf(left.length, testPart == null), random);
            left = without(left, taken);
            validationSet = LabelledImages.of(train, taken);
            how.add("validation " + validation + " of it");
        } else {
            validationSet = LabelledImages.of(validationPart);
        }
        String splits = how.isEmpty() ? "" : " (" + String.join(", ", how) + ", seed " + seed + ")";
        return new Dataset(name, origin + splits, prompts, LabelledImages.of(train, left), validationSet, testSet);
    }

    /** The size of the test split of a data set that has none. */
    public int testOf(int images) {
        return (int) Math.round(images * test);
    }

    /**
     * The size of the validation split of a data set that has none.
     *
     * @param afterTest whether the test split was taken from them, too: the share is of what there was before, so that
     *     60/20/20 means what it says
     */
    public int validationOf(int left, boolean afterTest) {
        return (int) Math.round(left * (afterTest ? validation / (1 - test) : validation));
    }

    private static int[] take(ImageSource source, int[] rows, int count, SplittableRandom random) {
        int[] labels = Arrays.stream(rows).map(source::label).toArray();
        int[] positions = Stratified.sample(labels, count, random);
        Arrays.sort(positions);
        return Arrays.stream(positions).map(i -> rows[i]).toArray();
    }

    /** Both sorted. */
    private static int[] without(int[] rows, int[] taken) {
        return Arrays.stream(rows)
                .filter(r -> Arrays.binarySearch(taken, r) < 0)
                .toArray();
    }
}
