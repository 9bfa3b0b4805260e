package io.residual.experiment;

import io.residual.zeroshot.Accuracy;
import java.util.BitSet;

/**
 * What a method says of held-out images: validation images that no fit and no choice of a strength saw. Immutable.
 *
 * @param right the images it is right on; they stand in the same order for every method
 * @param of how many images
 * @param classes how many classes there are to choose from
 */
public record HeldOut(BitSet right, int of, int classes) {
    public HeldOut {
        if (of < 1 || classes < 1 || right.length() > of) {
            throw new IllegalArgumentException(right.length() + " of " + of + " images, " + classes + " classes");
        }
        right = (BitSet) right.clone();
    }

    @Override
    public BitSet right() {
        return (BitSet) right.clone();
    }

    /** The share of right answers. */
    public Accuracy accuracy() {
        return new Accuracy(right.cardinality(), of);
    }

    /** 1 for an image that it is right on, else 0. */
    int at(int image) {
        return right.get(image) ? 1 : 0;
    }
}
