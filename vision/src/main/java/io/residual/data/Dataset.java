package io.residual.data;

import io.residual.base.InputException;
import java.util.ArrayList;
import java.util.List;

/**
 * A classification data set with its three splits, which share no image.
 *
 * @param name for tables and messages
 * @param origin source and splitting, for provenance
 * @param notes notes for the user: what was left out, guessed or is unreliable, one sentence each
 */
public record Dataset(
        String name,
        String origin,
        Prompts prompts,
        LabelledImages<Split.Train> train,
        LabelledImages<Split.Validation> validation,
        LabelledImages<Split.Test> test,
        List<String> notes) {
    public Dataset {
        notes = List.copyOf(notes);
        if (prompts.classes().size() < 2) {
            throw new InputException(
                    origin + ": only one class (" + prompts.classes().get(0)
                            + "), expected at least two classes, which a classifier tells apart. Add images of other"
                            + " classes, each in a folder of its own.");
        }
        requireSome(origin, "training", train.size());
        requireSome(origin, "validation", validation.size());
        requireSome(origin, "test", test.size());
    }

    /** One of which there is nothing to be noted. */
    public Dataset(
            String name,
            String origin,
            Prompts prompts,
            LabelledImages<Split.Train> train,
            LabelledImages<Split.Validation> validation,
            LabelledImages<Split.Test> test) {
        this(name, origin, prompts, train, validation, test, List.of());
    }

    private static void requireSome(String origin, String split, int size) {
        if (size == 0) {
            throw InputException.at(
                    origin, "no " + split + " images", "at least one", "Add images or change the shares of the splits");
        }
    }

    /** A copy with at most the given number of images in each split, keeping the proportions of classes. */
    public Dataset atMost(int trainSize, int validationSize, int testSize, long seed) {
        return new Dataset(
                name,
                origin,
                prompts,
                train.atMost(trainSize, seed),
                validation.atMost(validationSize, seed),
                test.atMost(testSize, seed),
                notes);
    }

    /** A copy with other training and validation images. */
    public Dataset with(LabelledImages<Split.Train> fitted, LabelledImages<Split.Validation> choosing) {
        return new Dataset(name, origin, prompts, fitted, choosing, test, notes);
    }

    /** A copy with other prompts. */
    public Dataset with(Prompts other) {
        return new Dataset(name, origin, other, train, validation, test, notes);
    }

    /** The number of images in all three splits. */
    public int size() {
        return train.size() + validation.size() + test.size();
    }

    /** The number of test images, for code that must not have the images themselves. */
    public int testSize() {
        return test.size();
    }

    /** A copy with another name. */
    public Dataset called(String other) {
        return new Dataset(other, origin, prompts, train, validation, test, notes);
    }

    /** A copy with additional notes. */
    public Dataset noted(List<String> more) {
        List<String> all = new ArrayList<>(notes);
        all.addAll(more);
        return new Dataset(name, origin, prompts, train, validation, test, all);
    }

    /**
     * A copy with its classes in another order, by name.
     *
     * @param classes the same names as its own, in the new order
     */
    public Dataset inOrderOf(List<String> classes) {
        List<String> own = prompts.classes();
        if (classes.equals(own)) {
            return this;
        }
        int[] places = own.stream().mapToInt(classes::indexOf).toArray();
        return new Dataset(
                name,
                origin,
                new Prompts(classes, prompts.templates()),
                train.relabelled(places),
                validation.relabelled(places),
                test.relabelled(places),
                notes);
    }

    /** The classes that have no image for training; nothing can be fitted then. */
    public List<String> untrained() {
        boolean[] seen = new boolean[prompts.classes().size()];
        for (int label : train.labels()) {
            seen[label] = true;
        }
        List<String> out = new ArrayList<>();
        for (int c = 0; c < seen.length; c++) {
            if (!seen[c]) {
                out.add(prompts.classes().get(c));
            }
        }
        return out;
    }

    /**
     * Complains of classes that have no image for training.
     *
     * @throws InputException if there is one
     */
    public void requireTrained() {
        List<String> untrained = untrained();
        if (!untrained.isEmpty()) {
            throw InputException.at(
                    origin,
                    "no training image of " + ClassNames.some(untrained) + " among " + train.size(),
                    "at least one of every class",
                    "Add training images, raise --train, or take the class out");
        }
    }
}
