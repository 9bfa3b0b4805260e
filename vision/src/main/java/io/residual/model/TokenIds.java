package io.residual.model;

import java.util.Arrays;

/**
 * The token ids of n texts, padded to one length.
 *
 * @param ids n rows of the context's length, row-major
 * @param lengths tokens of each text that are not padding, begin and end included
 * @param context the length of a row
 */
public record TokenIds(long[] ids, int[] lengths, int context) {
    public TokenIds {
        if (ids.length != lengths.length * context) {
            throw new IllegalArgumentException(ids.length + " ids for " + lengths.length + " texts of " + context);
        }
    }

    /** The number of texts. */
    public int size() {
        return lengths.length;
    }

    /** The ids of one text, padding included. */
    public long[] row(int text) {
        return Arrays.copyOfRange(ids, text * context, (text + 1) * context);
    }

    /** Some of the texts, in the given order. */
    TokenIds some(int... texts) {
        long[] rows = new long[texts.length * context];
        for (int i = 0; i < texts.length; i++) {
            System.arraycopy(ids, texts[i] * context, rows, i * context, context);
        }
        return new TokenIds(rows, Arrays.stream(texts).map(t -> lengths[t]).toArray(), context);
    }

    /** The number of tokens of the longest text. */
    int longest() {
        return Arrays.stream(lengths).max().orElse(1);
    }

    /** The first {@code columns} ids of every row, row-major. */
    long[] head(int columns) {
        long[] out = new long[size() * columns];
        for (int i = 0; i < size(); i++) {
            System.arraycopy(ids, i * context, out, i * columns, columns);
        }
        return out;
    }
}
