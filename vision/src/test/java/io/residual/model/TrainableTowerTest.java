package io.residual.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.fixtures.CheckpointSurgery;
import io.residual.fixtures.KitFixture;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.weights.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A tower that was trained is written in the format it was read from, and nothing else is changed. */
class TrainableTowerTest {
    private static final ObjectNode NOTES =
            new ObjectMapper().createObjectNode().put("by", "a test");

    @TempDir
    Path temporary;

    private static float[] embed(ImageTower tower, Tensor pixels) {
        try (NativeScope scope = NativeScope.inference()) {
            return Tensors.floats(tower.encode(pixels));
        }
    }

    private static Tensor pixels(ImageTextModel model) {
        int side = model.preprocessing().inputHeight();
        return torch.randn(2, 3, side, side);
    }

    /** LayerScale is divided out and multiplied in again, so a last bit may differ: 1e-4 of embeddings of about 1. */
    @ParameterizedTest
    @CsvSource({
        "clip-hf, model.safetensors, 1",
        "clip-hf, model.safetensors, 3",
        "clip-openclip, open_clip_model.safetensors, 1",
        "blip-itm, model.safetensors, 1",
        "dinov2, model.safetensors, 1",
        "vit, model.safetensors, 1"
    })
    void write_changedTower_isReadBackAsItIs(String kit, String file, int shards) throws IOException {
        Path folder = KitFixture.unpack(kit, temporary);
        if (shards > 1) {
            CheckpointSurgery.shard(folder.resolve(file), shards);
        }
        Path target = temporary.resolve("tuned");
        try (NativeScope scope = NativeScope.inference();
                ImageTextModel model = ImageTextModel.open(folder);
                TrainableTower trained = new TrainableTower(model)) {
            Tensor pixels = pixels(model);
            float[] before = embed(model.image(), pixels);
            // The same numbers at other addresses: a kernel may sum in another order.
            assertArrayEquals(before, embed(trained.tower(), pixels), 1e-5f);
            trained.parameters().forEach(p -> p.add_(Ops.scale(torch.randn_like(p), .02)));
            float[] changed = embed(trained.tower(), pixels);
            assertArrayEquals(before, embed(model.image(), pixels), 1e-5f, "the model itself is left alone");
            trained.write(target, NOTES);
            try (ImageTextModel again = ImageTextModel.open(target)) {
                float[] read = embed(again.image(), pixels);
                double moved = 0;
                for (int i = 0; i < read.length; i++) {
                    assertEquals(changed[i], read[i], 1e-4);
                    moved = Math.max(moved, Math.abs(changed[i] - before[i]));
                }
                assertTrue(moved > .01, "the change was too small to see");
                assertEquals(model.ignoredTensors(), again.ignoredTensors());
                assertEquals(model.weightFiles().size(), again.weightFiles().size());
            }
        }
        assertTrue(Files.readString(target.resolve("training.json")).contains("a test"));
    }

    @Test
    void write_unchangedTower_givesTheSameTensors() {
        Path folder = KitFixture.unpack("clip-openclip", temporary);
        Path target = temporary.resolve("tuned");
        try (ImageTextModel model = ImageTextModel.open(folder);
                TrainableTower trained = new TrainableTower(model)) {
            trained.write(target, NOTES);
        }
        String name = "open_clip_model.safetensors";
        try (SafetensorsFile a = SafetensorsFile.open(folder.resolve(name));
                SafetensorsFile b = SafetensorsFile.open(target.resolve(name));
                NativeScope scope = NativeScope.inference()) {
            assertEquals(Set.copyOf(a.names()), Set.copyOf(b.names()));
            for (String tensor : a.names()) {
                assertArrayEquals(Tensors.floats(a.read(tensor)), Tensors.floats(b.read(tensor)), tensor);
                assertArrayEquals(a.info(tensor).dimensions(), b.info(tensor).dimensions(), tensor);
            }
        }
    }

    /** Interpolated positions were computed, so they cannot be put back and stay as they are. */
    @Test
    void parameters_areAllThatWasReadAndNoMore() {
        try (ImageTextModel clip = ImageTextModel.open(KitFixture.unpack("clip-hf", temporary));
                ImageTextModel dino = ImageTextModel.open(KitFixture.unpack("dinov2", temporary));
                TrainableTower ofClip = new TrainableTower(clip);
                TrainableTower ofDino = new TrainableTower(dino)) {
            // Patches, class token, positions, two LayerNorms of two, 4 blocks of 12, a projection.
            assertEquals(3 + 4 + 4 * 12 + 1, ofClip.parameters().size());
            // Patches with a bias, class token, one LayerNorm of two, 4 blocks of 12; no positions.
            assertEquals(3 + 2 + 4 * 12, ofDino.parameters().size());
        }
    }

    /** A quarter of the way from the model's own weights to those remembered, and each end exactly; what is written is what was reached. */
    @Test
    void interpolate_goesBetweenTheModelsWeightsAndThoseRemembered() {
        Path target = temporary.resolve("between");
        try (NativeScope scope = NativeScope.inference();
                ImageTextModel model = ImageTextModel.open(KitFixture.unpack("clip-hf", temporary));
                TrainableTower trained = new TrainableTower(model)) {
            Tensor first = trained.parameters().get(0);
            float[] own = Tensors.floats(first);
            trained.parameters().forEach(p -> p.add_(Ops.scale(torch.randn_like(p), .02)));
            trained.remember();
            float[] tuned = Tensors.floats(first);
            assertEquals(1, trained.interpolation());
            trained.interpolate(.25);
            float[] between = Tensors.floats(first);
            for (int i = 0; i < own.length; i++) {
                assertEquals(.75 * own[i] + .25 * tuned[i], between[i], 1e-6); // rounding of numbers below 1
            }
            Tensor pixels = pixels(model);
            float[] embedded = embed(trained.tower(), pixels);
            trained.write(target, NOTES);
            try (ImageTextModel again = ImageTextModel.open(target)) {
                assertArrayEquals(embedded, embed(again.image(), pixels), 1e-4f);
            }
            trained.interpolate(0);
            assertArrayEquals(own, Tensors.floats(first));
            trained.interpolate(1);
            assertArrayEquals(tuned, Tensors.floats(first));
            assertEquals(1, trained.interpolation());
        }
    }

    @Test
    void recall_goesBackToWhatWasRemembered() {
        try (NativeScope scope = NativeScope.inference();
                ImageTextModel model = ImageTextModel.open(KitFixture.unpack("vit", temporary));
                TrainableTower trained = new TrainableTower(model)) {
            Tensor pixels = pixels(model);
            float[] first = embed(trained.tower(), pixels);
            trained.parameters().forEach(p -> p.mul_(new org.bytedeco.pytorch.Scalar(1.5)));
            trained.remember();
            float[] second = embed(trained.tower(), pixels);
            trained.parameters().forEach(p -> p.mul_(new org.bytedeco.pytorch.Scalar(0.0)));
            trained.recall();
            assertArrayEquals(second, embed(trained.tower(), pixels), 1e-5f);
            assertTrue(Math.abs(first[0] - second[0]) > 1e-6);
        }
    }
}
