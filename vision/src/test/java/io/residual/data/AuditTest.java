package io.residual.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.images.Plain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTest {
    @TempDir
    Path root;

    /** Ten images per class and part, no two alike. */
    private void write() throws IOException {
        int colour = 0;
        for (String part : List.of("train", "val", "test")) {
            for (String name : List.of("cat", "dog")) {
                for (int i = 0; i < 10; i++) {
                    Plain.write(root.resolve(part).resolve(name), ++colour, i + ".png");
                }
            }
        }
    }

    private List<String> notes() {
        return Audit.notes(ImageFolder.open(root, Splitting.DEFAULT));
    }

    @Test
    void notes_copiesAcrossSplits_areCounted() throws IOException {
        write();
        assertEquals(List.of(), notes());
        Files.copy(root.resolve("train/cat/3.png"), root.resolve("test/cat/a.png"));
        Files.copy(root.resolve("train/cat/4.png"), root.resolve("val/cat/b.png"));
        Files.copy(root.resolve("val/dog/4.png"), root.resolve("test/dog/c.png"));
        Files.copy(root.resolve("train/dog/4.png"), root.resolve("train/dog/within.png"));
        assertEquals(1, notes().size());
        String note = notes().get(0);
        assertTrue(note.startsWith("3 images of validation or test are byte for byte also in a split before"), note);
        assertTrue(note.contains(root.resolve("val/cat/b.png") + " = " + root.resolve("train/cat/4.png")), note);
    }

    @Test
    void notes_copyInAnotherClass_isNamed() throws IOException {
        write();
        Files.copy(root.resolve("train/cat/3.png"), root.resolve("train/dog/a.png"));
        assertEquals(1, notes().size());
        assertTrue(notes().get(0).startsWith("1 image lies byte for byte in two classes"), notes().get(0));
    }

    /** Equal in length and at both ends, as uncompressed images may be. */
    @Test
    void notes_differenceInTheMiddle_isNoCopy() throws IOException {
        write();
        byte[] bytes = new byte[200_000];
        System.arraycopy(Plain.png(1), 0, bytes, 0, Plain.png(1).length);
        Files.write(root.resolve("train/cat/large.png"), bytes);
        bytes[100_000] = 1;
        Files.write(root.resolve("test/cat/large.png"), bytes);
        assertEquals(List.of(), notes());
    }

    @Test
    void notes_filesThatAreNoImages_areCounted() throws IOException {
        write();
        Files.writeString(root.resolve("train/cat/3.png"), "no image at all");
        Files.writeString(root.resolve("train/dog/3.png"), "\0\0\0\030ftypheic\0\0\0\0");
        Files.createFile(root.resolve("train/dog/empty.jpg"));
        assertEquals(1, notes().size());
        assertTrue(notes().get(0).startsWith("3 files are no images that can be read"), notes().get(0));
    }
}
