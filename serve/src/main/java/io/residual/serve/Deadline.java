package io.residual.serve;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A common deadline of several operations.
 *
 * @param at of {@link System#nanoTime}
 */
record Deadline(long at) {
    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** The remaining time in nanoseconds, 0 if it is over. */
    long nanos() {
        return Math.max(0, at - System.nanoTime());
    }

    /** The remaining time in whole milliseconds. */
    long millis() {
        return TimeUnit.NANOSECONDS.toMillis(nanos());
    }
}
