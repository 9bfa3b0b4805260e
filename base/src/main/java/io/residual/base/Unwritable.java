package io.residual.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Turns write failures that the user can correct (a full disk, missing permissions) into an {@link InputException},
 * whichever library reported them.
 */
public final class Unwritable {
    private static final List<String> REASONS =
            List.of("No space left on device", "Read-only file system", "Permission denied", "Disk quota exceeded");

    private Unwritable() {}

    /** The error to pass on for one that came while {@code target} was written. */
    static RuntimeException explained(Path target, Exception e) {
        if (e instanceof InputException input) {
            return input;
        }
        String reason = reason(e);
        if (reason != null) {
            return input(target, reason, e);
        }
        return e instanceof RuntimeException runtime
                ? runtime
                : new UncheckedIOException("cannot write " + target + ": " + e.getMessage(), (IOException) e);
    }

    /** The failure as an error that the user can correct, or null if it is none. */
    public static @Nullable InputException input(Object where, Throwable e) {
        String reason = reason(e);
        return reason == null ? null : input(where, reason, e);
    }

    private static InputException input(Object where, String reason, Throwable e) {
        return InputException.at(
                where,
                reason.substring(0, 1).toLowerCase(Locale.ROOT) + reason.substring(1),
                "a place that can be written to",
                "Free some space there, or give another place",
                e);
    }

    /** One of the reasons that systems and libraries give, in the error or in what caused it. */
    private static @Nullable String reason(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof AccessDeniedException) {
                return "Permission denied";
            }
            String message = String.valueOf(cause.getMessage());
            for (String reason : REASONS) {
                if (message.contains(reason)) {
                    return reason;
                }
            }
        }
        return null;
    }
}
