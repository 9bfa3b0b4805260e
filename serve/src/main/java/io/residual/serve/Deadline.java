package io.residual.serve;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A moment by which several things must have ended together.
 *
 * @param at of {@link System#nanoTime}
 */
record Deadline(long at) {
    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** What is left, in nanoseconds; 0 if nothing is. */
    long nanos() {
        return Math.max(0, at - System.nanoTime());
    }

    /** What is left, in whole milliseconds. */
    long millis() {
        return TimeUnit.NANOSECONDS.toMillis(nanos());
    }
}
