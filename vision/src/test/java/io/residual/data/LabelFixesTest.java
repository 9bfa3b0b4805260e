package io.residual.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.JsonObject;
import io.residual.base.Progress;
import io.residual.catalogue.Datasets;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table beside a data set changes labels and splits and leaves images out; a line that does not fit is named. */
class LabelFixesTest {
    @TempDir
    Path root;

    private Path photos;

    @BeforeEach
    void photos() throws IOException {
        photos = root.resolve("photos");
        int colour = 1;
        for (String part : List.of("train", "validation", "test")) {
            for (String name : List.of("cat", "dog, old")) {
                Path folder = Files.createDirectories(photos.resolve(part).resolve(name));
                for (int i = 0; i < 3; i++) {
                    BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
                    image.setRGB(0, 0, colour++ * 999);
                    ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
                }
            }
        }
    }

    private Path table(String... lines) throws IOException {
        return Files.writeString(root.resolve("fixes.csv"), "file,action,value,reason\n" + String.join("\n", lines));
    }

    private DatasetSpec spec() {
        return new DatasetSpec(photos.toString(), 0, 0, 0, .2, .2, 42);
    }

    private Dataset corrected(String... lines) throws IOException {
        return Datasets.open(spec().with(LabelFixes.read(table(lines))), Reading.PLAIN, Progress.silent());
    }

    private static List<String> shown(LabelledImages<?> images, Path below) {
        return IntStream.range(0, images.size())
                .mapToObj(i ->
                        below.relativize(Path.of(images.name(i))).toString().replace('\\', '/') + " " + images.label(i))
                .toList();
    }

    @Test
    void labelsSplitsAndDrops_areApplied_andTheRestStays() throws IOException {
        Dataset found = corrected(
                "train/cat/1.png,label,\"dog, old\",\"said \"\"woof\"\"\"",
                "train/cat/2.png,drop,,blurred",
                "test/cat/0.png,split,train,twin",
                "test/cat/0.png,label,\"dog, old\",",
                "\"validation/dog, old/2.png\",split,test,");
        assertEquals(
                List.of(
                        "train/cat/0.png 0",
                        "train/cat/1.png 1",
                        "train/dog, old/0.png 1",
                        "train/dog, old/1.png 1",
                        "train/dog, old/2.png 1",
                        "test/cat/0.png 1"),
                shown(found.train(), photos));
        assertEquals(5, found.validation().size());
        assertEquals("validation/dog, old/2.png 1", shown(found.test(), photos).get(5));
        assertTrue(Files.exists(photos.resolve("train/cat/2.png")), "nothing of the user's is deleted");
        assertTrue(found.origin().contains("fixes.csv ("), found.origin());
        assertEquals(
                "corrected by " + root.resolve("fixes.csv")
                        + ": 2 labels changed, 1 images left out, 2 put into another split",
                found.notes().get(0));
    }

    @Test
    void storedImages_areStillCompared_afterCorrections() throws IOException {
        Files.copy(photos.resolve("train/cat/0.png"), photos.resolve("test/cat/9.png"));
        List<String> notes = Audit.notes(corrected("train/cat/2.png,drop,,"));
        assertEquals(1, notes.size(), notes.toString());
        assertTrue(notes.get(0).contains("byte for byte"), notes.get(0));
    }

    @Test
    void whatIsKept_staysAsItIs_andIsReviewed() throws IOException {
        Path table = Files.writeString(
                root.resolve("kept.csv"),
                "file,action,value\ntrain/cat/0.png,keep,label\ntrain/cat/1.png,keep,split\n");
        LabelFixes fixes = LabelFixes.read(table);
        Dataset before = corrected("train/cat/2.png,drop,,");
        Dataset after = fixes.applied(before);
        assertEquals(before.train().size(), after.train().size());
        assertEquals(before.train().name(1), after.train().name(1), "in the same order");
        List<String> names = List.of("photos/train/cat/0.png", "photos/train/cat/1.png", "photos/train/cat/10.png");
        assertArrayEquals(new boolean[] {true, false, false}, fixes.reviewed(names, LabelFixes.Action.LABEL));
        assertArrayEquals(new boolean[] {false, true, false}, fixes.reviewed(names, LabelFixes.Action.SPLIT));
        refused("line 3", "corrects already", "train/cat/0.png,keep,label,", "train/cat/0.png,label,dog,");
        refused("line 2, value", "'drop'", "train/cat/0.png,keep,drop,");
        assertEquals(
                5,
                corrected("train/cat/0.png,keep,label,", "train/cat/0.png,keep,split,", "train/cat/0.png,drop,,")
                        .train()
                        .size(),
                "what was kept after a look may be dropped later");
        assertEquals(
                5,
                corrected("train/cat/0.png,drop,,", "train/cat/0.png,keep,label,")
                        .train()
                        .size());
    }

    @Test
    void endOfSeveralNames_isNoReviewOfAny_andAnExactNameIsOfOne() throws IOException {
        LabelFixes fixes = LabelFixes.read(table("cat/0.png,label,cat,", "0.png,keep,split,"));
        List<String> names = List.of("train/cat/0.png", "test/cat/0.png", "cat/0.png", "dog/0.png");
        assertArrayEquals(new boolean[] {false, false, true, false}, fixes.reviewed(names, LabelFixes.Action.LABEL));
        assertArrayEquals(new boolean[4], fixes.reviewed(names, LabelFixes.Action.SPLIT));
        assertArrayEquals(
                new int[] {2, -1, 3, -1},
                LabelFixes.places(List.of("cat/0.png", "0.png", "dog/0.png", "bird.png"), names));
    }

    @Test
    void tableOfASpreadsheet_isRead() throws IOException {
        Path table = Files.writeString(
                root.resolve("windows.csv"), "\uFEFFvalue,file,action\r\n,train\\cat\\0.png,drop\r\n\r\n");
        assertEquals(
                List.of(new LabelFixes.Fix(2, "train/cat/0.png", LabelFixes.Action.DROP, "")),
                LabelFixes.read(table).fixes());
    }

    @Test
    void everyWrongLine_isNamedWithItsValue() throws IOException {
        refused("line 2", "'cat/0.png', which is the end of 3 images' names", "cat/0.png,drop,,");
        refused("line 2", "'train/cat/7.png', which is no image", "train/cat/7.png,drop,,");
        refused("line 3", "'bird'", "train/cat/0.png,drop,,", "train/cat/1.png,label,bird,");
        refused("line 2, action", "'remove'", "train/cat/0.png,remove,,");
        refused("line 2, value", "'holdout'", "train/cat/0.png,split,holdout,");
        refused("line 2, value", "'cat'", "train/cat/0.png,drop,cat,");
        refused("line 2", "3 fields", "train/cat/0.png,drop,");
        refused("line 3", "line 2 corrects already", "train/cat/0.png,label,cat,", "train/cat/0.png,label,cat,");
        refused("line 3", "line 2 corrects already", "train/cat/0.png,label,cat,", "train/cat/0.png,drop,,");
        refused("line 2", "a quote that is not closed", "\"train/cat/0.png,drop,,");
        refused("line 2", "a quote within a field", "train/c\"at/0.png,drop,,");
        refused("line 2, file", "nothing", " ,drop,,");
        Files.writeString(root.resolve("fixes.csv"), "file,action,what\n");
        InputException e = assertThrows(InputException.class, () -> LabelFixes.read(root.resolve("fixes.csv")));
        assertTrue(String.valueOf(e.getMessage()).contains("line 1: found the column 'what'"), e.getMessage());
    }

    private void refused(String where, String found, String... lines) {
        InputException e = assertThrows(InputException.class, () -> corrected(lines));
        assertTrue(String.valueOf(e.getMessage()).contains(where), e.getMessage());
        assertTrue(String.valueOf(e.getMessage()).contains(found), e.getMessage());
    }

    @Test
    void storedSpec_makesTheSameSplits_andRefusesAChangedFile() throws IOException {
        DatasetSpec corrected = spec().with(LabelFixes.read(table("train/cat/0.png,drop,,")));
        DatasetSpec restored = DatasetSpec.of(JsonObject.parse(Json.line(corrected.json()), "a test", "Correct it"));
        assertEquals(corrected, restored);
        assertEquals(
                5,
                Datasets.open(restored, Reading.PLAIN, Progress.silent())
                        .train()
                        .size());
        assertEquals(
                spec().json().toString(),
                DatasetSpec.of(JsonObject.parse(Json.line(spec().json()), "a test", "Correct it"))
                        .json()
                        .toString());
        assertNotEquals(spec().toString(), corrected.toString());
        table("train/cat/1.png,drop,,");
        InputException e =
                assertThrows(InputException.class, () -> Datasets.open(restored, Reading.PLAIN, Progress.silent()));
        assertTrue(String.valueOf(e.getMessage()).contains("hash"), e.getMessage());
    }
}
