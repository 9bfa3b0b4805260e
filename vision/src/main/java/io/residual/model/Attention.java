package io.residual.model;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How a tower's tokens attend to one another.
 *
 * @param heads H
 * @param causal whether a token sees only itself and those before it
 * @param turns positions that turn queries and keys, or null
 */
record Attention(int heads, boolean causal, Rotary.@Nullable Turns turns) {
    /** Every token sees every token. */
    static Attention full(int heads) {
        return new Attention(heads, false, null);
    }

    /** A token sees itself and those before it. */
    static Attention causal(int heads) {
        return new Attention(heads, true, null);
    }

    /** Every token sees every token; positions turn queries and keys. */
    static Attention turned(int heads, Rotary.@Nullable Turns turns) {
        return new Attention(heads, false, turns);
    }

    /** Queries or keys [b, H, t, h] with their positions. */
    Tensor placed(Tensor x) {
        return turns == null ? x : turns.apply(x);
    }
}
