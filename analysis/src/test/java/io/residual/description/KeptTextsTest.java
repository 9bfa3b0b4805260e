package io.residual.description;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.residual.fixtures.KitFixture;
import io.residual.model.ImageTextModel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptTextsTest {
    @TempDir
    Path temporary;

    @Test
    void dictionary_isEncodedOnce_andAgainIfItsFileIsDamaged() throws IOException {
        List<String> texts = texts(KeptTexts.LEAST);
        KeptTexts kept = new KeptTexts(folder());
        try (ImageTextModel model = ImageTextModel.open(KitFixture.unpack("clip-hf", temporary.resolve("model")))) {
            double[] expected = Dictionary.of(texts, model).directions();
            assertArrayEquals(expected, kept.dictionary(texts, model).directions());
            Path file = files().get(0);
            byte[] written = Files.readAllBytes(file);
            Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));

            assertArrayEquals(expected, kept.dictionary(texts, model).directions());
            assertArrayEquals(written, Files.readAllBytes(file));
            assertFalse(Files.getLastModifiedTime(file).toInstant().equals(Instant.EPOCH), "used now");

            try (RandomAccessFile damaged = new RandomAccessFile(file.toFile(), "rw")) {
                damaged.seek(written.length - 2L); // a number that is one still, and another
                damaged.write(written[written.length - 2] ^ 1);
            }
            assertArrayEquals(expected, kept.dictionary(texts, model).directions());
            assertArrayEquals(written, Files.readAllBytes(file), "written again");

            Files.write(file, Arrays.copyOf(written, written.length / 2));
            assertArrayEquals(expected, kept.dictionary(texts, model).directions());
            assertArrayEquals(written, Files.readAllBytes(file), "written again");
        }
    }

    @Test
    void otherTexts_areAnotherList_andFewAreNotKept() throws IOException {
        List<String> texts = texts(KeptTexts.LEAST);
        List<String> turned = new ArrayList<>(texts);
        Collections.reverse(turned);
        KeptTexts kept = new KeptTexts(folder());
        try (ImageTextModel model = ImageTextModel.open(KitFixture.unpack("clip-hf", temporary.resolve("model")))) {
            double[] first = kept.dictionary(texts, model).directions();
            double[] second = kept.dictionary(turned, model).directions();
            int d = first.length / texts.size();
            assertArrayEquals(
                    Arrays.copyOf(first, d), Arrays.copyOfRange(second, second.length - d, second.length), 1e-6);
            assertEquals(2, files().size());
            kept.dictionary(texts.subList(0, 3), model);
            assertEquals(2, files().size());
            assertEquals(kept.bytes(), kept.clear());
            assertEquals(List.of(), files());
        }
    }

    @Test
    void listsUsedLeastRecently_areRemoved_andNothingElse() throws IOException {
        Path other = Files.createDirectories(folder()).resolve("notes.safetensors");
        Files.writeString(other, "a user's own");
        for (int i = 0; i <= KeptTexts.MOST; i++) {
            Path old = folder().resolve(String.format("%064x.safetensors", i));
            Files.writeString(old, "list " + i);
            Files.setLastModifiedTime(old, FileTime.from(Instant.ofEpochSecond(1000 + i)));
        }
        try (ImageTextModel model = ImageTextModel.open(KitFixture.unpack("clip-hf", temporary.resolve("model")))) {
            new KeptTexts(folder()).dictionary(texts(KeptTexts.LEAST), model);
        }
        List<Path> left = files();
        assertEquals(KeptTexts.MOST + 1, left.size(), "with the user's own");
        assertFalse(left.contains(folder().resolve(String.format("%064x.safetensors", 1))));
        assertEquals("a user's own", Files.readString(other));
    }

    private Path folder() {
        return temporary.resolve("texts");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder())) {
            return all.sorted().toList();
        }
    }

    private static List<String> texts(int count) {
        return IntStream.range(0, count).mapToObj(i -> "a photo of thing " + i).toList();
    }
}
