package io.residual.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.images.UnreadableImageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFilesTest {
    @TempDir
    Path folder;

    @BeforeEach
    void makeFiles() throws IOException {
        for (String name : List.of("b.png", "a.JPG", "notes.txt", "deep/er/c.webp", "deep/d.gif")) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, "no image, but nobody looks inside here");
        }
    }

    private List<String> names(String lines, String... words) {
        InputStream in = new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8));
        ImageFiles files = ImageFiles.of(List.of(words), in);
        return IntStream.range(0, files.size())
                .mapToObj(i ->
                        folder.relativize(Path.of(files.name(i))).toString().replace('\\', '/'))
                .toList();
    }

    @Test
    void aFolder_meansTheImagesBelowIt() {
        assertEquals(List.of("a.JPG", "b.png", "deep/d.gif", "deep/er/c.webp"), names("", folder.toString()));
    }

    @Test
    void aPattern_meansWhatItMatches_fromTheFolderBeforeItsFirstStar() {
        assertEquals(List.of("b.png"), names("", folder + "/*.png"));
        assertEquals(List.of("deep/er/c.webp"), names("", folder + "/deep/**.webp"));
        assertEquals(List.of("a.JPG", "b.png"), names("", folder + "/[ab].*"));
    }

    @Test
    void aDash_meansLinesOfTheInput_andWordsKeepTheirOrder() {
        String lines = folder.resolve("b.png") + "\n\n" + folder.resolve("missing.png") + "\n";
        assertEquals(List.of("deep/d.gif", "b.png", "missing.png"), names(lines, folder + "/deep/d.gif", "-"));
    }

    @Test
    void nothingThere_isAnError() {
        for (String word : List.of(folder + "/*.bmp", folder.resolve("nowhere") + "/*.png")) {
            InputException refused = assertThrows(InputException.class, () -> names("", word));
            assertTrue(String.valueOf(refused.getMessage()).contains("none at"), refused.toString());
        }
    }

    /** A file that was named is reported when it is read, so that the others are not lost. */
    @Test
    void aMissingFile_failsWhenRead() {
        ImageFiles files =
                ImageFiles.of(List.of(folder.resolve("missing.png").toString()), InputStream.nullInputStream());
        assertThrows(UnreadableImageException.class, () -> files.read(0));
    }

    /** The rule of folders of classes. */
    @Test
    void hiddenFilesAndOtherFormats_areLeftOutAndCounted() throws IOException {
        for (String name : List.of("._a.JPG", ".hidden/h.png", ".cache/i.png", "a.heic", "new.jfif")) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, "none");
        }
        assertEquals(
                List.of(".hidden/h.png", "a.JPG", "b.png", "deep/d.gif", "deep/er/c.webp", "new.jfif"),
                names("", folder.toString()).stream().sorted().toList());
        assertEquals(List.of("a.JPG"), names("", folder + "/*.JPG"));
        List<String> notes = ImageFiles.of(List.of(folder.toString()), InputStream.nullInputStream())
                .notes();
        assertEquals(1, notes.size());
        for (String part : List.of("1 .heic", "1 hidden file", ".cache", "1 other file (1 .txt")) {
            assertTrue(notes.get(0).contains(part), part + " is not in " + notes);
        }
    }
}
