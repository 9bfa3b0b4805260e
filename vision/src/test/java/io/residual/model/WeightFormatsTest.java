package io.residual.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.fixtures.CheckpointSurgery;
import io.residual.fixtures.KitFixture;
import io.residual.images.Image;
import io.residual.model.TextTokenizer.Overlong;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** However weights are stored, the model computes what the same numbers in one 32-bit file give. */
class WeightFormatsTest {
    @TempDir
    Path temporary;

    private Path kit(String name, String copy) {
        return KitFixture.unpack(name, temporary.resolve(copy));
    }

    private static float[] embeddings(Path folder) {
        try (ImageTextModel model = ImageTextModel.open(folder)) {
            float[] input = new float[model.preprocessing().inputLength()];
            byte[] rgb = new byte[50 * 40 * 3];
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) (i * i * 31 + i);
            }
            model.preprocessing().apply(new Image(50, 40, rgb), input, 0);
            int side = model.image().config().imageSize();
            try (NativeScope scope = NativeScope.inference()) {
                float[] image = Tensors.floats(model.image().encode(Tensors.of(input, 1, 3, side, side)));
                float[] text = model.encodeTexts(List.of("two red frogs"), Overlong.CUT);
                float[] both = new float[image.length + text.length];
                System.arraycopy(image, 0, both, 0, image.length);
                System.arraycopy(text, 0, both, image.length, text.length);
                return both;
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ScalarType.class,
            names = {"Half", "BFloat16"})
    void open_sixteenBits_givesWhatTheRoundedNumbersGive(ScalarType type) {
        Path stored = kit("clip-hf", "stored");
        CheckpointSurgery.cast(stored.resolve("model.safetensors"), type);
        Path rounded = kit("clip-hf", "rounded");
        CheckpointSurgery.cast(rounded.resolve("model.safetensors"), type, ScalarType.Float);
        long ratio = stored.resolve("model.safetensors").toFile().length()
                * 100
                / rounded.resolve("model.safetensors").toFile().length();
        assertTrue(ratio < 60, "stored in " + ratio + " % of the space");
        assertArrayEquals(embeddings(rounded), embeddings(stored));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void open_shards_giveWhatTheWholeGives(int shards) throws IOException {
        Path whole = kit("clip-hf", "whole");
        Path split = kit("clip-hf", "split");
        CheckpointSurgery.shard(split.resolve("model.safetensors"), shards);
        assertArrayEquals(embeddings(whole), embeddings(split));
    }

    @Test
    void open_shardMissing_isRefusedByName() throws IOException {
        Path split = kit("clip-hf", "split");
        CheckpointSurgery.shard(split.resolve("model.safetensors"), 3);
        Files.delete(split.resolve("model-00002-of-00003.safetensors"));
        InputException e = assertThrows(InputException.class, () -> ImageTextModel.open(split));
        assertTrue(String.valueOf(e.getMessage()).contains("model-00002-of-00003.safetensors"), e.getMessage());
    }

    @Test
    void open_shardOutsideTheFolder_isRefused() throws IOException {
        Path split = kit("clip-hf", "split");
        CheckpointSurgery.shard(split.resolve("model.safetensors"), 2);
        Path index = split.resolve("model.safetensors.index.json");
        Files.writeString(index, Files.readString(index).replace("model-00001", "../model-00001"));
        InputException e = assertThrows(InputException.class, () -> ImageTextModel.open(split));
        assertTrue(String.valueOf(e.getMessage()).contains("a file in the same folder"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pytorch_model.bin", "open_clip_pytorch_model.bin", "model.pt", "weights.pth"})
    void open_picklesOnly_isRefusedWithTheWayOut(String name) throws IOException {
        Path folder = kit("clip-hf", "pickle");
        Files.move(folder.resolve("model.safetensors"), folder.resolve(name));
        InputException e = assertThrows(InputException.class, () -> ImageTextModel.open(folder));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("can run code") && message.contains("safe_serialization=True"), message);
    }

    @Test
    void open_hash_changesWithAnyShard() throws IOException {
        Path a = kit("clip-hf", "a");
        Path b = kit("clip-hf", "b");
        CheckpointSurgery.cast(b.resolve("model.safetensors"), ScalarType.Half);
        try (ImageTextModel first = ImageTextModel.open(a);
                ImageTextModel second = ImageTextModel.open(b)) {
            assertEquals(64, first.hash().length());
            assertTrue(!first.hash().equals(second.hash()));
        }
    }
}
