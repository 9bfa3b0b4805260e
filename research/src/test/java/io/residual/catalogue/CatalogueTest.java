package io.residual.catalogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.data.Dataset;
import io.residual.data.Splitting;
import io.residual.model.ImageTextModel;
import io.residual.model.TextTokenizer;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.world.EmbeddedModels;
import io.residual.world.TaskImages;
import io.residual.world.WorldTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CatalogueTest {
    @TempDir
    Path folder;

    @Test
    void expand_ofAll_isEveryTask() {
        assertEquals(
                List.of(
                        "world:shapes",
                        "world:sketches",
                        "world:colors",
                        "world:textures",
                        "world:digits",
                        "world:street-digits",
                        "world:positions",
                        "world:counts",
                        "world:backgrounds",
                        "world:signs"),
                Datasets.expand("world:all"));
        assertEquals(List.of("world:signs"), Datasets.expand("world:signs"));
        assertEquals(List.of("some/folder"), Datasets.expand("some/folder"));
    }

    @ParameterizedTest
    @EnumSource(WorldTask.class)
    void open_ofATaskOfTheWorld_isItsDataset(WorldTask task) {
        assertTrue(Datasets.isEmbedded("world:" + task.id()));
        Dataset dataset = Datasets.open("world:" + task.id(), Splitting.DEFAULT);
        assertEquals(task.id(), dataset.name());
        assertEquals(task.classes(), dataset.prompts().classes());
    }

    @Test
    void open_ofAnUnknownTask_isRefused() {
        InputException e = assertThrows(InputException.class, () -> Datasets.open("world:faces", Splitting.DEFAULT));
        String message = String.valueOf(e.getMessage());
        assertTrue(
                message.startsWith("the task of the embedded world: found 'world:faces'")
                        && message.contains("xpected one of world:shapes, "),
                message);
    }

    @Test
    void open_ofWhatIsNoFolder_isRefused() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        Path none = folder.resolve("none");
        assertFalse(Datasets.isEmbedded(file.toString()));
        for (Path path : List.of(file, none)) {
            InputException e =
                    assertThrows(InputException.class, () -> Datasets.open(path.toString(), Splitting.DEFAULT));
            assertEquals(
                    "the data set '" + path + "': found " + (path.equals(file) ? "a file" : "no such folder")
                            + ", expected a folder, world:TASK, or a name on the hub such as uoft-cs/cifar10. Check"
                            + " the name"
                            + (path.equals(file) ? "." : ", or see residual datasets."),
                    e.getMessage());
        }
    }

    @Test
    void open_ofAFolderOfNoKnownKind_saysWhatKindsThereAre() throws IOException {
        String message = String.valueOf(
                assertThrows(InputException.class, () -> Datasets.open(folder.toString(), Splitting.DEFAULT))
                        .getMessage());
        assertTrue(message.startsWith(folder + ": found an empty folder, expected"), message);
        Files.writeString(folder.resolve("notes.txt"), "nothing to learn from");
        InputException e =
                assertThrows(InputException.class, () -> Datasets.open(folder.toString(), Splitting.DEFAULT));
        message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith(folder + ": found nothing that is known (1 other file (1 .txt: no"), message);
        Files.writeString(folder.resolve("a.heic"), "");
        Files.writeString(folder.resolve("a.png"), "");
        message = String.valueOf(
                assertThrows(InputException.class, () -> Datasets.open(folder.toString(), Splitting.DEFAULT))
                        .getMessage());
        assertTrue(message.contains("1 images and no sub-folders; 1 .heic (a format"), message);
    }

    /** Small enough to ship, of three families, and each knows its task: far above chance on colours (one in twelve). */
    @ParameterizedTest
    @CsvSource({"world-clip, CLIP, 96", "world-open-clip, OpenCLIP, 96", "world-blip, BLIP, 64"})
    void embeddedModels_openAndRecogniseColours(String name, String family, int shared) throws Exception {
        try (ImageTextModel model = Models.open(name);
                NativeScope scope = NativeScope.inference()) {
            assertEquals(family, model.family());
            assertEquals(shared, model.image().config().sharedWidth());
            for (Path file : model.weightFiles()) {
                assertTrue(Files.size(file) < 5_000_000, file + " has " + Files.size(file) + " bytes");
            }
            TaskImages images = new TaskImages(WorldTask.COLORS, 4711, 60);
            float[] pixels = new float[60 * model.preprocessing().inputLength()];
            for (int i = 0; i < 60; i++) {
                model.preprocessing()
                        .apply(images.read(i), pixels, i * model.preprocessing().inputLength());
            }
            Tensor embeddings = model.image().encode(Tensors.of(pixels, 60, 3, 48, 48));
            float[] texts = model.encodeTexts(WorldTask.COLORS.classes(), TextTokenizer.Overlong.REFUSE);
            Tensor classes = Ops.normalise(Tensors.of(texts, 12, shared));
            int[] chosen = Tensors.ints(Ops.argmaxRows(embeddings.matmul(classes.t())));
            int right = 0;
            for (int i = 0; i < 60; i++) {
                right += chosen[i] == images.label(i) ? 1 : 0;
            }
            assertTrue(right > 40, right + " of 60");
        }
    }

    @Test
    void models_findFoldersAndNames() throws IOException {
        assertEquals(folder, Models.folder(folder.toString(), Progress.silent()));
        assertTrue(EmbeddedModels.has("world-clip"));
        assertFalse(EmbeddedModels.has("world"));
        Path file = Files.createFile(folder.resolve("file"));
        for (Path path : List.of(file, folder.resolve("none"))) {
            InputException e =
                    assertThrows(InputException.class, () -> Models.folder(path.toString(), Progress.silent()));
            assertEquals(
                    "the model '" + path + "': found " + (path.equals(file) ? "a file" : "no such folder")
                            + ", expected a folder with a model, a name on the hub such as"
                            + " openai/clip-vit-large-patch14, or one of "
                            + EmbeddedModels.all().keySet()
                            + (path.equals(file) ? ". Check the name." : ". Check the name, or see residual models."),
                    e.getMessage());
        }
    }

    @Test
    void whereNoModelsShip_theArtefactIsNamedThatHasThem() {
        assertEquals(
                "a folder with a model or a name on the hub such as openai/clip-vit-large-patch14 (models that ship are in"
                        + " io.residual:residual-world, which is not on the class path)",
                Models.expected(Set.of()));
    }
}
