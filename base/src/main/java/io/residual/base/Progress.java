package io.residual.base;

/** Receives the progress of long work. Implementations must be cheap to call and safe for several threads. */
public interface Progress {
    /** Starts a step of {@code total} units of work; the previous step is over. */
    void start(String step, long total);

    /**
     * Reports that {@code done} units of the current step are finished.
     *
     * @param detail a short number such as a loss, or empty
     */
    void at(long done, String detail);

    /** Ends the current step. */
    void finish();

    /** As {@link #at(long, String)} without a detail. */
    default void at(long done) {
        at(done, "");
    }

    /** Ignores all progress. */
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
