package io.residual.base;

/** Receives the progress of long work. Implementations must be cheap to call and safe for several threads. */
public interface Progress {
    /**
     * Starts a step of {@code total} units of work; the previous step is over.
     *
     * @param step what is being done
     * @param total units of work, 0 if unknown
     */
    void start(String step, long total);

    /**
     * Reports that {@code done} units of the current step are finished.
     *
     * @param done finished units
     * @param detail a short number such as a loss, or empty
     */
    void at(long done, String detail);

    /** Ends the current step. */
    void finish();

    /**
     * As {@link #at(long, String)} without a detail.
     *
     * @param done finished units
     */
    default void at(long done) {
        at(done, "");
    }

    /**
     * Ignores all progress.
     *
     * @return one that does nothing
     */
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
