package io.residual.base;

/** Where long work says how far it is. Implementations must be cheap to call and safe from several threads. */
public interface Progress {
    /** Starts a step of {@code total} units of work; the previous step is over. */
    void start(String step, long total);

    /** Says that {@code done} of the units are finished; {@code detail} is a short figure such as a loss. */
    void at(long done, String detail);

    /** The step is over. */
    void finish();

    /** As {@link #at(long, String)} without a detail. */
    default void at(long done) {
        at(done, "");
    }

    /** Says nothing. */
    static Progress silent() {
        return new Progress() {
            @Override
            public void start(String step, long total) {}

            @Override
            public void at(long done, String detail) {}

            @Override
            public void finish() {}
        };
    }
}
