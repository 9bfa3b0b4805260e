package io.residual.web;

import java.time.Duration;

/**
 * The minimum speed of a client. It may pause for the time of grace at any place; over such a time it must have sent,
 * or taken, as many bytes as the rate asks for, and a request's head must be complete.
 *
 * @param bytesPerSecond the least rate, over a time of grace
 * @param grace more than 0
 */
public record Pace(long bytesPerSecond, Duration grace) {
    /** A kilobyte a second, over ten seconds. */
    public static final Pace DEFAULT = new Pace(1000, Duration.ofSeconds(10));

    /** The interval between checks. */
    Duration period() {
        return Duration.ofMillis(Math.max(10, Math.min(1000, grace.toMillis() / 4)));
    }

    /** Whether a number of bytes within a time is too slow. */
    boolean tooSlow(long bytes, long nanos) {
        return bytes < bytesPerSecond * (nanos / 1e9);
    }
}
