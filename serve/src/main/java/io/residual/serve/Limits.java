package io.residual.serve;

import io.residual.base.InputException;
import java.time.Duration;

/**
 * The limits of a server.
 *
 * @param queue maximum number of waiting images; further ones get 503
 * @param bytes maximum size of an image file
 * @param pixels maximum pixels of an image
 * @param patience time limit of an image, from its last byte to its answer, after which it is given up; a day at most
 */
public record Limits(int queue, int bytes, long pixels, Duration patience) {
    private static final Duration LONGEST = Duration.ofDays(1); // before what is checked against it

    /** A quarter of a thousand images of 20 MB and 40 million pixels, ten seconds. */
    public static final Limits DEFAULT = new Limits(256, 20 << 20, 40_000_000, Duration.ofSeconds(10));

    public Limits {
        boolean patient = !patience.isNegative() && !patience.isZero() && patience.compareTo(LONGEST) <= 0;
        if (queue < 1 || bytes < 1 || pixels < 1 || !patient) {
            throw InputException.at(
                    "the limits",
                    "queue " + queue + ", bytes " + bytes + ", pixels " + pixels + ", patience " + patience,
                    "numbers above 0, and a patience of a day at most",
                    "Correct them");
        }
    }
}
