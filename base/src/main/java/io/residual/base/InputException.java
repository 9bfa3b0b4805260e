package io.residual.base;

import java.nio.file.Path;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Something the user gave is wrong, and the user can put it right. The command line prints the message alone, without
 * a stack trace, and exits with code 2.
 *
 * <p>The message is one line, whatever the names in it hold ({@link Printable#line}). The factory asks for the four things such a
 * message needs: where, what was found, what was expected, what to do.
 */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST = 500;

    InputException(String message, @Nullable Throwable cause) {
        super(Printable.line(message), cause);
    }

    /**
     * A message for the rare case where the four parts do not fit.
     *
     * @param message one line
     */
    public InputException(String message) {
        this(message, null);
    }

    /**
     * An error in the usual form: "where: found X, expected Y. Remedy."
     *
     * @param where the file, option or entry
     * @param found the value found there
     * @param expected the value expected
     * @param remedy what the user can do, as an imperative sentence without a full stop, or as a question
     * @return the error, to be thrown
     */
    public static InputException at(Object where, String found, String expected, String remedy) {
        return at(where, found, expected, remedy, null);
    }

    /**
     * As {@link #at(Object, String, String, String)}, with a cause.
     *
     * @param where the file, option or entry
     * @param found the value found there
     * @param expected the value expected
     * @param remedy what the user can do
     * @param cause what made it known, or null
     * @return the error, to be thrown
     */
    public static InputException at(
            Object where, String found, String expected, String remedy, @Nullable Throwable cause) {
        String end = remedy.endsWith("?") ? "" : ".";
        return new InputException(
                where + ": found " + shortened(found) + ", expected " + expected + ". " + remedy + end, cause);
    }

    /**
     * The same error with a prefix to its place, such as {@code "sweep.yaml, "}.
     *
     * @param place where the place lies
     * @return an error with this one as its cause
     */
    public InputException in(String place) {
        return new InputException(place + getMessage(), this);
    }

    /**
     * Something whose name is none of those that are known; the nearest of them is proposed.
     *
     * @param where the option or entry
     * @param name the unknown name
     * @param known the names that there are
     * @return the error, to be thrown
     */
    public static InputException unknown(Object where, String name, Collection<String> known) {
        String all = String.join(", ", known);
        String near = Similar.remedy(name, known, "");
        return near.isEmpty()
                ? at(where, "'" + name + "'", "one of " + all, "Give one of these")
                : new InputException(
                        where + ": found '" + shortened(name) + "'. " + near + " Expected one of " + all + ".");
    }

    /** A value may be as long as its file, so it is shortened. */
    private static String shortened(String found) {
        return found.length() <= LONGEST ? found : found.substring(0, LONGEST) + "…";
    }

    /**
     * A file or folder that must be there and is not.
     *
     * @param file the path
     * @param role what should be there
     * @return the error, to be thrown
     */
    public static InputException missing(Path file, String role) {
        return at(file, "no such file or folder", role, "Check the path");
    }
}
