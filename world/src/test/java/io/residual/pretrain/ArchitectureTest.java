package io.residual.pretrain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.images.Image;
import io.residual.model.ImageTextModel;
import io.residual.model.TextTokenizer.Overlong;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.world.CaptionedImage;
import io.residual.world.TaskImages;
import io.residual.world.WorldTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is written is what was trained, in layouts that the readers know; that the readers agree with transformers and
 * open_clip is what the conformance kits say.
 */
class ArchitectureTest {
    private static final List<String> TEXTS = List.of("a red circle", "two blue squares at the top left", "zebra");

    @TempDir
    Path temporary;

    /** Weights are stored in 16 bits, so those of the model in memory are rounded first. */
    @ParameterizedTest
    @EnumSource(Architecture.class)
    void write_thenOpen_givesTheSameEmbeddings(Architecture architecture) throws IOException {
        WorldTokenizer tokenizer = new WorldTokenizer(CaptionedImage.vocabulary(), TinyClip.CONTEXT);
        Path folder = Files.createDirectories(temporary.resolve("model"));
        try (NativeScope scope = NativeScope.inference()) {
            TinyClip clip = new TinyClip(architecture, tokenizer.size(), tokenizer.end(), 5);
            clip.parameters()
                    .values()
                    .forEach(p -> p.copy_(p.add(noise(p)).to(ScalarType.Half).to(ScalarType.Float)));
            clip.write(folder, tokenizer);
            Files.writeString(folder.resolve("tokenizer.json"), tokenizer.json().toString());
            Files.writeString(
                    folder.resolve("tokenizer_config.json"), tokenizer.config().toString());
            List<Image> images = CaptionedImage.batch(9, 0, 4, false, false).stream()
                    .map(CaptionedImage::image)
                    .toList();
            Tensor pixels = Tensors.of(BatchStream.pixels(images), 4, 3, 48, 48);
            float[] image = Tensors.floats(clip.image().encode(pixels));
            float[] text = Tensors.floats(clip.text().encode(tokenizer.encode(TEXTS)));
            try (ImageTextModel model = ImageTextModel.open(folder)) {
                assertClose(image, Tensors.floats(model.image().encode(pixels)));
                assertClose(text, model.encodeTexts(TEXTS, Overlong.REFUSE));
                assertTrue(
                        model.ignoredTensors().isEmpty(), model.ignoredTensors().toString());
                double scale = architecture == Architecture.BLIP
                        ? 1 // a retrieval checkpoint has none
                        : Math.exp(clip.logitScale().item_double());
                assertEquals(scale, model.logitScale(), scale * 1e-6);
                assertEquals(pixels.size(3), model.preprocessing().inputWidth());
            }
        }
    }

    /** Initial LayerNorms and biases are 1 and 0, which would hide one that is lost or in another's place. */
    private static Tensor noise(Tensor like) {
        return Ops.scale(org.bytedeco.pytorch.global.torch.randn_like(like), .05);
    }

    /** Sums of 32-bit floats in another order. */
    private static void assertClose(float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], 1e-4);
        }
    }

    /** The world's images with one short exam: the ten of 240 images each would take longer than the training. */
    private static final class ShortExam implements Curriculum {
        private static final int IMAGES = 20;
        private final Curriculum world = new WorldCurriculum();

        @Override
        public String id() {
            return world.id();
        }

        @Override
        public List<String> vocabulary() {
            return world.vocabulary();
        }

        @Override
        public List<Shown> batch(PretrainSettings settings, long step) {
            return world.batch(settings, step);
        }

        @Override
        public List<Exam> exams() {
            TaskImages source = new TaskImages(WorldTask.SIGNS, 1, IMAGES);
            return List.of(new Exam(
                    WorldTask.SIGNS.id(),
                    WorldTask.SIGNS.classes(),
                    IntStream.range(0, IMAGES).mapToObj(source::read).toList(),
                    IntStream.range(0, IMAGES).map(source::label).toArray()));
        }
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void pretrain_everyArchitecture_learnsAndResumes(Architecture architecture) throws InterruptedException {
        PretrainSettings settings = new PretrainSettings(architecture, 640, 32, 1e-3, 4, 10);
        Path folder = temporary.resolve("run");
        Pretrainer run = new Pretrainer(settings, new ShortExam(), folder, Progress.silent());
        run.run();
        String[] lines = run.curve().split("\n");
        double first = Double.parseDouble(lines[1].split(",")[1]);
        double last = Double.parseDouble(lines[lines.length - 1].split(",")[1]);
        assertTrue(last < first, "loss from " + first + " to " + last);
        PretrainSettings other =
                new PretrainSettings(Architecture.values()[(architecture.ordinal() + 1) % 3], 640, 32, 1e-3, 4, 10);
        Pretrainer another = new Pretrainer(other, new ShortExam(), folder, Progress.silent());
        assertThrows(InputException.class, another::run);
    }

    @ParameterizedTest
    @CsvSource({"clip, CLIP", "open-clip, OPEN_CLIP", "BLIP, BLIP"})
    void named_knowsItsIds(String id, Architecture expected) {
        assertEquals(expected, Architecture.named(id));
    }

    @Test
    void named_unknown_listsTheKnown() {
        InputException e = assertThrows(InputException.class, () -> Architecture.named("siglip"));
        assertTrue(String.valueOf(e.getMessage()).contains("[clip, open-clip, blip]"));
    }
}
