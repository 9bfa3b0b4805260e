package io.residual.base;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Reading what lies under a name only if it is a regular file, or a symbolic link to one. A pipe would keep its reader waiting for
 * ever, a device may never end; neither is opened. What is read whole is read up to a bound.
 */
public final class RegularFiles {
    private RegularFiles() {}

    /**
     * Refuses a folder, a device, a pipe or a socket. A missing file passes here, and fails when it is opened.
     *
     * @param role description of the expected file, for the message
     * @return the file
     * @throws InputException if there is something other than a regular file
     */
    public static Path require(Path file, String role) {
        if (Files.isRegularFile(file) || !Files.exists(file)) {
            return file;
        }
        throw Files.isDirectory(file)
                ? InputException.at(file, "a folder", role, "Name the file inside it")
                : InputException.at(file, special(), role, "Save its content in a file, and give that");
    }

    /** How messages call something that is neither a file nor a folder. */
    static String special() {
        return "a device or a pipe";
    }

    /**
     * Opens a file for reading.
     *
     * @param role as for {@link #require}
     * @throws java.nio.file.NoSuchFileException if there is nothing
     */
    public static InputStream open(Path file, String role) throws IOException {
        return Files.newInputStream(require(file, role));
    }

    /**
     * All bytes of a file.
     *
     * @param role as for {@link #require}
     * @param most bytes; a file of more is refused
     * @throws java.nio.file.NoSuchFileException if there is nothing
     */
    public static byte[] bytes(Path file, String role, int most) throws IOException {
        try (InputStream in = open(file, role)) {
            byte[] bytes = in.readNBytes(most);
            if (in.read() >= 0) {
                throw InputException.at(
                        file,
                        String.format(Locale.ROOT, "more than %,d bytes", most),
                        role + ", which is shorter",
                        "Check the path");
            }
            return bytes;
        }
    }

    /**
     * The text of a file in UTF-8, without a byte order mark.
     *
     * @param role as for {@link #require}
     * @param most bytes; a file of more is refused
     * @throws CharacterCodingException if it is not UTF-8
     * @throws java.nio.file.NoSuchFileException if there is nothing
     */
    public static String text(Path file, String role, int most) throws IOException {
        return decode(bytes(file, role, most));
    }

    /** Text of bytes in UTF-8, without a byte order mark. */
    static String decode(byte[] bytes) throws CharacterCodingException {
        String text = StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }
}
