package io.residual.images;

import io.residual.base.InputException;

/**
 * A classification data set with its three splits, which share no picture.
 *
 * @param name what to call it
 * @param origin where it came from and how it was split, for provenance
 */
public record Dataset(
        String name,
        String origin,
        Prompts prompts,
        LabelledPictures<Split.Train> train,
        LabelledPictures<Split.Validation> validation,
        LabelledPictures<Split.Test> test) {
    public Dataset {
        if (prompts.classes().size() < 2) {
            throw InputException.at(
                    origin,
                    "one class (" + prompts.classes().get(0) + ")",
                    "at least two classes",
                    "A classifier needs something to tell apart; add pictures of other classes");
        }
        requireSome(origin, "training", train.size());
        requireSome(origin, "validation", validation.size());
        requireSome(origin, "test", test.size());
    }

    private static void requireSome(String origin, String split, int size) {
        if (size == 0) {
            throw InputException.at(
                    origin,
                    "no " + split + " pictures",
                    "at least one",
                    "Add pictures or change the shares of the splits");
        }
    }

    /** The same with at most so many pictures in each split, classes kept in proportion. */
    public Dataset atMost(int trainSize, int validationSize, int testSize, long seed) {
        return new Dataset(
                name,
                origin,
                prompts,
                train.atMost(trainSize, seed),
                validation.atMost(validationSize, seed),
                test.atMost(testSize, seed));
    }

    /** The same with other pictures to fit and to choose on. */
    public Dataset with(LabelledPictures<Split.Train> fitted, LabelledPictures<Split.Validation> choosing) {
        return new Dataset(name, origin, prompts, fitted, choosing, test);
    }

    /** The same with other prompts. */
    public Dataset with(Prompts other) {
        return new Dataset(name, origin, other, train, validation, test);
    }

    /** Pictures in all three splits. */
    public int size() {
        return train.size() + validation.size() + test.size();
    }

    /** The same under another name. */
    public Dataset called(String other) {
        return new Dataset(other, origin, prompts, train, validation, test);
    }
}
