package io.residual.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.residual.base.InputException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentHashTest {
    @TempDir
    Path folder;

    @Test
    void hex_ofNothing_isSha256OfNothing() {
        // FIPS 180-4's well-known value for the empty message.
        assertEquals("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", new ContentHash().hex());
    }

    @Test
    void pieces_cannotMerge() {
        assertNotEquals(
                new ContentHash().add("ab").add("c").hex(),
                new ContentHash().add("a").add("bc").hex());
        assertNotEquals(
                new ContentHash().add("abc").hex(),
                new ContentHash().add("").add("abc").hex());
        assertNotEquals(new ContentHash().hex(), new ContentHash().add("").hex());
    }

    @Property(tries = 200)
    void differentLists_haveDifferentHashes(
            @ForAll @Size(max = 4) List<@AlphaChars String> some,
            @ForAll @Size(max = 4) List<@AlphaChars String> others) {
        Assume.that(!some.equals(others));
        assertNotEquals(ofTexts(some), ofTexts(others));
    }

    @Property(tries = 100)
    void whereAListIsCut_matters(@ForAll @Size(min = 2, max = 6) List<@AlphaChars String> texts) {
        List<String> joined = List.of(String.join("", texts));
        assertNotEquals(ofTexts(texts), ofTexts(joined));
    }

    @Property(tries = 100)
    void hex_isSha256OfLengthsAndBytes(@ForAll @Size(max = 5) List<byte[]> pieces) throws IOException {
        ContentHash hash = new ContentHash();
        ByteArrayOutputStream framed = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(framed)) {
            for (byte[] piece : pieces) {
                hash.add(piece);
                out.writeLong(piece.length); // eight bytes, big-endian
                out.write(piece);
            }
        }
        assertEquals(sha256(framed.toByteArray()), hash.hex());
    }

    @Test
    void add_ofText_hashesItsUtf8() {
        byte[] utf8 = "naïve ×".getBytes(StandardCharsets.UTF_8);
        assertEquals(
                new ContentHash().add(utf8).hex(),
                new ContentHash().add("naïve ×").hex());
        byte[] framed = new byte[8 + utf8.length];
        framed[7] = (byte) utf8.length;
        System.arraycopy(utf8, 0, framed, 8, utf8.length);
        assertEquals(sha256(framed), new ContentHash().add("naïve ×").hex());
    }

    @Test
    void add_ofANumber_tellsNumbersApart() {
        List<Long> numbers = List.of(0L, 1L, -1L, 256L, 1L << 32, Long.MIN_VALUE, Long.MAX_VALUE);
        assertEquals(
                numbers.size(),
                numbers.stream()
                        .map(n -> new ContentHash().add(n).hex())
                        .distinct()
                        .count());
        assertNotEquals(
                new ContentHash().add(1).add(2).hex(),
                new ContentHash().add(2).add(1).hex());
    }

    @Test
    void add_ofAFile_isAsItsBytes() throws IOException {
        byte[] content = new byte[3_000_001]; // more than two of the buffers it is read with, and not a whole number
        new SplittableRandom(5).nextBytes(content);
        Path file = Files.write(folder.resolve("content"), content);
        assertEquals(
                new ContentHash().add(content).add("end").hex(),
                new ContentHash().add(file).add("end").hex());
        Path empty = Files.createFile(folder.resolve("empty"));
        assertEquals(
                new ContentHash().add(new byte[0]).hex(),
                new ContentHash().add(empty).hex());
    }

    @Test
    void add_ofAMissingFile_isRefused() {
        Path file = folder.resolve("none");
        InputException e = assertThrows(InputException.class, () -> new ContentHash().add(file));
        assertEquals(file + ": found no such file or folder, expected a file. Check the path.", e.getMessage());
    }

    private static String ofTexts(List<String> texts) {
        ContentHash hash = new ContentHash();
        texts.forEach(hash::add);
        return hash.hex();
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
