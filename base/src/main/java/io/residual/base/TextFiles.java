package io.residual.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Text files that somebody names: settings, prompts, dictionaries, results. */
public final class TextFiles {
    private TextFiles() {}

    /**
     * Reads a text in UTF-8, a byte-order mark left out. Only regular files are opened: a pipe or a device may never
     * end.
     *
     * @param role description of the expected file, for messages
     * @param most bytes at most
     */
    public static String read(Path file, String role, int most) {
        try {
            return decoded(RegularFiles.bytes(file, role, most), file, role);
        } catch (NoSuchFileException e) {
            throw InputException.missing(file, role);
        } catch (AccessDeniedException e) {
            throw InputException.at(file, "no permission to read it", role, "Change its permissions", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Text of bytes in UTF-8, a byte-order mark left out.
     *
     * @param where their source, for messages
     * @param role their description
     */
    public static String decoded(byte[] bytes, Object where, String role) {
        try {
            return RegularFiles.decode(bytes);
        } catch (CharacterCodingException e) {
            throw InputException.at(where, "bytes that are not UTF-8", role + " in UTF-8", "Save it as UTF-8", e);
        }
    }
}
