package io.residual.experiment;

import io.residual.zeroshot.Accuracy;
import java.util.BitSet;

/**
 * Results of a method on held-out images: validation images that neither fits nor the selection of penalty strengths
 * saw. Immutable.
 *
 * @param right the images classified correctly, in the same order for every method
 * @param of number of images
 * @param classes number of classes
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

    /** The accuracy. */
    public Accuracy accuracy() {
        return new Accuracy(right.cardinality(), of);
    }

    /** 1 for an image that it is right on, else 0. */
    int at(int image) {
        return right.get(image) ? 1 : 0;
    }
}
