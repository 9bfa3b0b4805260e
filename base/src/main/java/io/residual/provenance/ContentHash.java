package io.residual.provenance;

import io.residual.base.InputException;
import io.residual.base.RegularFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of content that is fed piece by piece; each piece is preceded by its length, so that pieces cannot merge. */
public final class ContentHash {
    private final MessageDigest digest;

    public ContentHash() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Adds bytes to the hash. */
    public ContentHash add(byte... bytes) {
        digest.update(ByteBuffer.allocate(8).putLong(bytes.length).flip());
        digest.update(bytes);
        return this;
    }

    /** Adds text to the hash, as UTF-8 with its length. */
    public ContentHash add(String text) {
        return add(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a 64-bit number to the hash. */
    public ContentHash add(long number) {
        return add(ByteBuffer.allocate(8).putLong(number).array());
    }

    /** Adds a file's content to the hash. */
    public ContentHash add(Path file) {
        try (InputStream in = RegularFiles.open(file, "a file")) {
            digest.update(ByteBuffer.allocate(8).putLong(Files.size(file)).flip());
            byte[] buffer = new byte[1 << 20];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return this;
        } catch (NoSuchFileException e) {
            throw InputException.missing(file, "a file");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** The hash of what was fed so far, as 64 hexadecimal digits; the object is then used up. */
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
