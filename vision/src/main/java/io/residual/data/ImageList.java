package io.residual.data;

import io.residual.base.InputException;
import io.residual.base.TextFiles;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A list of images' names in UTF-8, as {@code find}, an editor or a script writes it: one a line, however lines end, with or without a
 * byte-order mark; or with a NUL after each, as {@code find -print0} does, for names that hold line breaks.
 */
final class ImageList {
    private static final String WHERE = "the list on standard input";
    private static final int LARGEST = 1 << 30;
    private static final Pattern LINE_END = Pattern.compile("\\r\\n|\\n|\\r");

    private ImageList() {}

    /** The names, empty lines left out. */
    static List<String> read(InputStream in) {
        List<String> names = names(TextFiles.decoded(bytes(in), WHERE, "names of images, one a line,"));
        if (names.isEmpty()) {
            throw InputException.at(
                    WHERE, "no names", "names of images, one a line", "Check what writes the list, or its redirection");
        }
        return names;
    }

    private static byte[] bytes(InputStream in) {
        try {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw InputException.at(WHERE, "more than " + LARGEST + " bytes", "fewer", "Divide the list");
            }
            return bytes;
        } catch (IOException e) {
            throw InputException.at(
                    WHERE, "nothing that can be read (" + e.getMessage() + ")", "names of images", "Redirect it", e);
        }
    }

    private static List<String> names(String text) {
        return text.indexOf(0) >= 0
                ? Arrays.stream(text.split("\0"))
                        .filter(name -> !name.isEmpty())
                        .toList()
                : LINE_END.splitAsStream(text).filter(name -> !name.isBlank()).toList();
    }
}
