package io.residual.model;

import io.residual.base.InputException;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** A text tower: token ids to embeddings in the shared space. */
public interface TextTower {
    /** The text embeddings, before any normalisation. {@code ids} of n texts; gives [n, D]. */
    Tensor encode(TokenIds ids);

    /** The most tokens that a text may have, begin and end included. */
    int context();

    /** Refuses a number of heads that does not divide the width. {@code words} [vocabulary, d]. */
    static void requireHeads(Tensor words, int heads) {
        if (words.size(1) % heads != 0) {
            throw InputException.at(
                    "the text tower's heads",
                    heads + " for a width of " + words.size(1),
                    "a divisor of the width",
                    "Weights and configuration do not belong together");
        }
    }

    /** Refuses tokens that the vocabulary does not have. {@code words} [vocabulary, d]. */
    static void requireKnown(TokenIds ids, Tensor words) {
        long largest = Arrays.stream(ids.ids()).max().orElse(0);
        long smallest = Arrays.stream(ids.ids()).min().orElse(0);
        if (largest >= words.size(0) || smallest < 0) {
            throw InputException.at(
                    "the tokenizer",
                    "the token id " + (smallest < 0 ? smallest : largest),
                    "ids from 0 and below " + words.size(0) + ", the model's vocabulary",
                    "Tokenizer and weights do not belong together");
        }
    }
}
