package io.residual.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Names of files between text and path. Java decodes file names and arguments by the locale that it was started in; in the C and
 * POSIX locales of bare containers only ASCII survives that, and the launchers therefore choose a UTF-8 locale. A program that
 * uses the library without them hears here what to set.
 */
public final class FileNames {
    private static final char LOST = '\uFFFD';
    private static final String REMEDY =
            "Start Java with the environment variable LC_ALL=C.UTF-8 (or another UTF-8 locale)";

    private static final int MOST = 1000;

    private FileNames() {}

    /**
     * Converts a text to a path.
     *
     * @param where description of the text, for messages
     * @throws InputException if it is empty, or can be no path on this system or in this locale
     */
    public static Path path(Object where, String name) {
        if (name.isEmpty()) {
            throw InputException.at(where, "an empty name", "a path", "Check what it was made from");
        }
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw invalid(where, e);
        }
    }

    /** The error for a name that {@link Path} refused, with the reason. */
    public static InputException invalid(Object where, InvalidPathException e) {
        String name = "'" + e.getInput() + "'";
        return isUnicode() || e.getInput().chars().allMatch(c -> c < 0x80)
                ? InputException.at(where, name + " (" + e.getReason() + ")", "a path", "Correct it", e)
                : InputException.at(where, name, expected(), REMEDY, e);
    }

    /**
     * The last part of a path as text, which a class may be called by.
     *
     * @throws InputException if the locale cannot decode it
     */
    public static String text(Path path) {
        String name = String.valueOf(path.getFileName());
        if (name.indexOf(LOST) >= 0 && !isUnicode()) {
            throw InputException.at(path, "a name that is not " + encoding(), expected(), REMEDY);
        }
        return name;
    }

    /** The folders beside the one that a path would name, spelt as the path is; none where they cannot be listed. */
    public static List<String> foldersBeside(Path path) {
        Path parent = path.getParent();
        try (Stream<Path> beside = Files.list(parent == null ? Path.of("") : parent)) {
            return beside.filter(Files::isDirectory)
                    .limit(MOST)
                    .map(p -> parent == null ? String.valueOf(p.getFileName()) : p.toString())
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of(); // they would only be proposed
        }
    }

    /** Refuses arguments that the locale could not decode. */
    public static void requireDecoded(List<String> arguments) {
        if (isUnicode()) {
            return;
        }
        for (String argument : arguments) {
            if (argument.indexOf(LOST) >= 0) {
                throw InputException.at("the command line", "'" + argument + "'", expected(), REMEDY);
            }
        }
    }

    private static String expected() {
        return "names in " + encoding() + ", all that this Java can read in the locale it was started in";
    }

    private static String encoding() {
        return System.getProperty("sun.jnu.encoding", Charset.defaultCharset().name());
    }

    private static boolean isUnicode() {
        return Charset.isSupported(encoding()) && Charset.forName(encoding()).equals(StandardCharsets.UTF_8);
    }
}
