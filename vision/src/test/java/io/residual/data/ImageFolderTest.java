package io.residual.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.images.Plain;
import io.residual.images.Refusal;
import io.residual.images.UnreadableImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFolderTest {
    private static final String[] TEN =
            IntStream.range(0, 10).mapToObj(i -> i + ".png").toArray(String[]::new);

    @TempDir
    Path temporary;

    private Path root = Path.of("");

    @BeforeEach
    void makeFolder() throws IOException {
        root = Files.createDirectory(temporary.resolve("pets"));
    }

    private Dataset open() {
        return ImageFolder.open(root, Splitting.DEFAULT);
    }

    private static List<String> names(LabelledImages<?> images) {
        return IntStream.range(0, images.size()).mapToObj(images::name).toList();
    }

    @Test
    void open_oneSubfolderAClass_splitsThem() throws IOException, UnreadableImageException {
        Plain.write(root.resolve("tabby_cat"), 0xCC0000, TEN);
        Plain.write(root.resolve("dog"), 0x00DD00, TEN);
        Dataset dataset = open();
        assertEquals("pets", dataset.name());
        assertEquals(List.of("dog", "tabby cat"), dataset.prompts().classes());
        assertEquals(12, dataset.train().size());
        assertEquals(4, dataset.validation().size());
        assertEquals(4, dataset.test().size());
        for (int i = 0; i < 12; i++) {
            int colour = Plain.colour(dataset.train().read(i));
            assertEquals(dataset.train().label(i) == 0 ? 0x00DD00 : 0xCC0000, colour);
            assertTrue(dataset.train()
                    .name(i)
                    .startsWith(root.resolve(dataset.train().label(i) == 0 ? "dog" : "tabby_cat")
                            .toString()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"validation", "val", "valid"})
    void open_threeParts_keepsThem(String validation) throws IOException {
        for (String name : List.of("cat", "dog")) {
            Plain.write(root.resolve("train").resolve(name), 1, "b.png", "a.jpg");
            Plain.write(root.resolve(validation).resolve(name), 2, "c.png");
            Plain.write(root.resolve("test").resolve(name), 3, "d.png", "e.png", "f.png");
        }
        Dataset dataset = open();
        assertEquals(
                Stream.of("train/cat/a.jpg", "train/cat/b.png", "train/dog/a.jpg", "train/dog/b.png")
                        .map(f -> root.resolve(f).toString())
                        .toList(),
                names(dataset.train()));
        assertArrayEquals(new int[] {0, 0, 1, 1}, dataset.train().labels());
        assertArrayEquals(new int[] {0, 1}, dataset.validation().labels());
        assertArrayEquals(new int[] {0, 0, 0, 1, 1, 1}, dataset.test().labels());
        assertEquals(
                root.resolve(validation).resolve("dog").resolve("c.png").toString(),
                dataset.validation().name(1));
        assertFalse(dataset.origin().contains("seed"), dataset.origin());
    }

    @Test
    void open_trainAndTest_takesValidationFromTrain() throws IOException {
        for (String name : List.of("cat", "dog")) {
            Plain.write(root.resolve("train").resolve(name), 1, TEN);
            Plain.write(root.resolve("test").resolve(name), 3, "d.png");
        }
        Dataset dataset = open();
        assertEquals(16, dataset.train().size());
        assertEquals(4, dataset.validation().size());
        assertEquals(2, dataset.test().size());
        assertTrue(names(dataset.validation()).stream()
                .allMatch(n -> n.startsWith(root.resolve("train").toString())));
        assertTrue(dataset.origin().contains("validation 0.2 of it, seed 42"), dataset.origin());
    }

    @Test
    void open_hiddenAndOtherFiles_ignoresThem() throws IOException {
        Plain.write(root.resolve("cat"), 1, TEN);
        Plain.write(root.resolve("cat"), 1, ".hidden.png", "UPPER.PNG", "image.webp");
        Plain.write(root.resolve("dog"), 1, TEN);
        Plain.write(root.resolve(".cache"), 1, TEN);
        Files.writeString(root.resolve("cat").resolve("notes.txt"), "none");
        Files.writeString(root.resolve("README.md"), "none");
        Files.createDirectory(root.resolve("dog").resolve("folder.png"));
        Dataset dataset = open();
        assertEquals(List.of("cat", "dog"), dataset.prompts().classes());
        assertEquals(
                22,
                dataset.train().size()
                        + dataset.validation().size()
                        + dataset.test().size());
        Stream.of(dataset.train(), dataset.validation(), dataset.test())
                .flatMap(p -> names(p).stream())
                .forEach(n -> assertFalse(n.contains("hidden") || n.contains("folder"), n));
    }

    @Test
    void open_classWithoutImages_isRefused() throws IOException {
        Plain.write(root.resolve("cat"), 1, TEN);
        Path empty = Files.createDirectory(root.resolve("dog"));
        Files.write(empty.resolve(".hidden.png"), Plain.png(1));
        Refusal.of(this::open, empty, "no images");
    }

    @Test
    void open_classMissingInAPart_isRefused() throws IOException {
        Plain.write(root.resolve("train/cat"), 1, TEN);
        Plain.write(root.resolve("train/dog"), 1, TEN);
        Plain.write(root.resolve("test/cat"), 1, TEN);
        Refusal.of(this::open, root.resolve("test/dog"), "no such folder");
    }

    @Test
    void open_oneClass_isRefused() throws IOException {
        Plain.write(root.resolve("cat"), 1, TEN);
        Refusal.of(this::open, root, "one class", "cat", "at least two");
    }

    @Test
    void open_noSubfolders_isRefused() throws IOException {
        Plain.write(root, 1, TEN);
        Files.createDirectory(root.resolve(".cache"));
        Refusal.of(this::open, root, "no sub-folders");
        assertFalse(ImageFolder.isOne(root));
    }

    @Test
    void open_noSubfoldersInTrain_isRefused() throws IOException {
        Plain.write(root.resolve("train"), 1, TEN);
        Refusal.of(this::open, root.resolve("train"), "no sub-folders");
    }

    @Test
    void open_noSuchFolderOrAFile_isRefused() throws IOException {
        Path missing = root.resolve("missing");
        Refusal.of(() -> ImageFolder.open(missing, Splitting.DEFAULT), missing);
        Path file = Files.write(root.resolve("a.png"), Plain.png(1));
        Refusal.of(() -> ImageFolder.open(file, Splitting.DEFAULT), file);
    }

    @Test
    void open_tooFewImagesToSplit_isRefused() throws IOException {
        Plain.write(root.resolve("cat"), 1, "a.png");
        Plain.write(root.resolve("dog"), 1, "a.png");
        Refusal.of(this::open, root, "no test images");
    }

    @Test
    void isOne_subfolders_isTrue() throws IOException {
        assertFalse(ImageFolder.isOne(root.resolve("missing")));
        Plain.write(root.resolve("cat"), 1, "a.png");
        assertTrue(ImageFolder.isOne(root));
    }

    @Test
    void read_oneUnreadableImage_failsForItAlone() throws IOException, UnreadableImageException {
        Plain.write(root.resolve("train/cat"), 0x112233, TEN);
        Plain.write(root.resolve("train/dog"), 0x445566, TEN);
        Plain.write(root.resolve("val/cat"), 1, TEN);
        Plain.write(root.resolve("val/dog"), 1, TEN);
        Plain.write(root.resolve("test/cat"), 1, TEN);
        Plain.write(root.resolve("test/dog"), 1, TEN);
        Path broken = Files.writeString(root.resolve("train/cat/3.png"), "no image");
        Path gone = root.resolve("train/dog/5.png");
        Dataset dataset = open();
        Files.delete(gone);
        Refusal.ofImage(() -> dataset.train().read(3), broken);
        Refusal.ofImage(() -> dataset.train().read(15), gone);
        assertEquals(20, dataset.train().size());
        assertEquals(0x112233, Plain.colour(dataset.train().read(4)));
        assertEquals(0x445566, Plain.colour(dataset.train().read(14)));
    }

    private static int size(Dataset dataset) {
        return dataset.size();
    }

    /** As torchvision 0.29's ImageFolder: 24 images, sorted by folder, then by name. */
    @Test
    void open_foldersBelowAClass_belongToIt() throws IOException {
        for (String name : List.of("cat", "dog")) {
            for (String part : List.of("train", "val", "test")) {
                Plain.write(root.resolve(part).resolve(name), 1, "z.png");
                Plain.write(root.resolve(part).resolve(name).resolve("session 2/deep"), 1, "a.png", "b.jfif");
                Plain.write(root.resolve(part).resolve(name).resolve("session"), 1, "c.ppm");
            }
        }
        Dataset dataset = open();
        assertEquals(24, size(dataset));
        assertEquals(
                Stream.of("z.png", "session/c.ppm", "session 2/deep/a.png", "session 2/deep/b.jfif")
                        .map(f -> root.resolve("train/cat").resolve(f).toString())
                        .toList(),
                names(dataset.train()).subList(0, 4));
        assertArrayEquals(new int[] {0, 0, 0, 0, 1, 1, 1, 1}, dataset.train().labels());
        assertEquals(List.of(), dataset.notes());
    }

    /** As torchvision 0.29's ImageFolder: three classes. */
    @ParameterizedTest
    @ValueSource(strings = {"train", "test", "val", "Validation"})
    void open_classCalledAfterASplit_isAClass(String name) throws IOException {
        for (String each : List.of("bus", "car", name)) {
            Plain.write(root.resolve(each), 1, TEN);
        }
        Dataset dataset = open();
        assertEquals(3, dataset.prompts().classes().size());
        assertEquals(30, size(dataset));
        assertTrue(dataset.notes().get(0).contains(name), dataset.notes().toString());
    }

    @Test
    void open_trainWithFoldersBesideClasses_isRefusedAsUnclear() throws IOException {
        Plain.write(root.resolve("train/session"), 1, TEN);
        Plain.write(root.resolve("bus"), 1, TEN);
        Refusal.of(this::open, root, "class folders in train", "bus");
    }

    @Test
    void open_capitalsInPartsNames_areUnderstood() throws IOException {
        for (String part : List.of("Train", "Dev", "TEST")) {
            Plain.write(root.resolve(part).resolve("cat"), 1, TEN);
            Plain.write(root.resolve(part).resolve("dog"), 1, TEN);
        }
        Dataset dataset = open();
        assertEquals(List.of("cat", "dog"), dataset.prompts().classes());
        assertEquals(20, dataset.test().size());
        Plain.write(root.resolve("val/cat"), 1, TEN);
        Refusal.of(this::open, root, "two folders for validation", "Dev", "val");
    }

    @Test
    void open_partsWithoutTrain_areRefused() throws IOException {
        for (String part : List.of("val", "test")) {
            Plain.write(root.resolve(part).resolve("cat"), 1, TEN);
            Plain.write(root.resolve(part).resolve("dog"), 1, TEN);
        }
        Refusal.of(this::open, root, "no training part");
    }

    @Test
    void open_classOnlyInTest_isRefused() throws IOException {
        for (String name : List.of("cat", "dog")) {
            Plain.write(root.resolve("train").resolve(name), 1, TEN);
            Plain.write(root.resolve("test").resolve(name), 1, TEN);
        }
        Plain.write(root.resolve("test/owl"), 1, "1.png", "2.png");
        Refusal.of(this::open, root.resolve("test/owl"), "2 images of the class 'owl' in test", "none for training");
    }

    /** torchvision makes a class of every folder, .NET among them. */
    @Test
    void open_classWithALeadingDot_isAClass() throws IOException {
        for (String name : List.of(".NET", "go", "java")) {
            Plain.write(root.resolve(name), 1, TEN);
        }
        Plain.write(root.resolve(".ipynb_checkpoints"), 1, TEN);
        Dataset dataset = open();
        assertEquals(List.of(".NET", "go", "java"), dataset.prompts().classes());
        assertTrue(dataset.notes().get(0).contains(".NET"), dataset.notes().toString());
    }

    @Test
    void open_whateverIsLeftOut_isCountedByKind() throws IOException {
        Plain.write(root.resolve("cat"), 1, TEN);
        Plain.write(root.resolve("dog"), 1, TEN);
        Plain.write(root, 1, "beside.png");
        Plain.write(root.resolve("cat"), 1, ".h.png", "._a.jpg", "without-ending", ".DS_Store");
        for (String name : List.of("a.HEIC", "b.heic", "c.avif", "notes.txt")) {
            Files.writeString(root.resolve("dog").resolve(name), "none");
        }
        Files.createSymbolicLink(root.resolve("dog/gone.png"), root.resolve("nowhere"));
        Plain.write(root.resolve("dog/__MACOSX"), 1, TEN);
        Dataset dataset = open();
        assertEquals(20, size(dataset));
        assertEquals(1, dataset.notes().size());
        for (String part : List.of(
                "1 .avif, 2 .heic (",
                "1 image by content",
                "1 image beside the class folders",
                "2 hidden files",
                "1 link to nothing",
                "__MACOSX",
                "1 other file (1 .txt: no images)")) {
            assertTrue(dataset.notes().get(0).contains(part), part + " is not in " + dataset.notes());
        }
    }

    @Test
    void open_onlyFormatsThatAreNotRead_saysWhich() throws IOException {
        for (String name : List.of("cat", "dog")) {
            Files.createDirectories(root.resolve(name));
            Files.writeString(root.resolve(name).resolve("1.heic"), "none");
        }
        Refusal.of(this::open, root, "2 .heic", "convert");
    }

    @Test
    void open_theFolderAbove_isSaid() throws IOException {
        Plain.write(root.resolve("photos/cat"), 1, TEN);
        Plain.write(root.resolve("photos/dog"), 1, TEN);
        Refusal.of(this::open, "looks like the folder above", root.resolve("photos"));
        Files.createDirectories(root.resolve("models"));
        Refusal.of(this::open, "looks like the folder above", root.resolve("photos"));
        Plain.write(root.resolve("models/a"), 1, TEN);
        assertTrue(open().notes().get(0).contains("this is the folder above"));
    }

    @Test
    void open_namesEqualInPrompts_areRefused() throws IOException {
        Plain.write(root.resolve("hot_dog"), 1, TEN);
        Plain.write(root.resolve("hot dog"), 1, TEN);
        Refusal.of(this::open, "'hot dog'", "'hot_dog'");
        Path other = temporary.resolve("other");
        Plain.write(other.resolve("_"), 1, TEN);
        Plain.write(other.resolve("cat"), 1, TEN);
        Refusal.of(() -> ImageFolder.open(other, Splitting.DEFAULT), "the class name '_'");
    }

    @Test
    void open_namesEqualButForCapitals_areNoted() throws IOException {
        Plain.write(root.resolve("A"), 1, TEN);
        Plain.write(root.resolve("a"), 1, TEN);
        Plain.write(root.resolve("tab\tname _x"), 1, TEN);
        Dataset dataset = open();
        assertEquals(List.of("A", "a", "tab name x"), dataset.prompts().classes());
        assertTrue(dataset.notes().get(0).contains("capitals"), dataset.notes().toString());
    }
}
