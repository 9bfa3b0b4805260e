package io.residual.tensor;

/** Moves parameters, step by step, by the gradients of batches. */
public sealed interface StochasticOptimiser extends AutoCloseable permits AdamW, ScheduleFreeAdamW {
    /** Moves every parameter that has a gradient, then forgets the gradients. */
    void step(double rate);

    /** Puts the values that are worth looking at into the parameters; {@link #resume} before the next step. */
    default void show() {}

    /** Puts the values that gradients are taken at back into the parameters. */
    default void resume() {}

    @Override
    void close();
}
