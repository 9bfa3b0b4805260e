package io.residual.model;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Printable;
import io.residual.fixtures.CheckpointSurgery;
import io.residual.fixtures.KitFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes that a configuration may claim and nobody means. */
class HostileConfigTest {
    @TempDir
    Path temporary;

    private static void refused(Path folder, String saying) {
        InputException e = assertThrows(
                InputException.class, () -> ImageTextModel.open(folder).close());
        assertTrue(String.valueOf(e.getMessage()).contains(saying), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'crop_size': 20000} | cropped to 20000",
                "{'crop_size': {'height': 65536, 'width': 65536}} | cropped to 65536",
                "{'crop_size': -48} | 'crop_size'",
                "{'size': 65536} | resized to 65536",
                "{'size': 0} | 'size'",
                "{'size': 2147483648} | 'size'",
                "{'size': {'shortest_edge': 5000}} | resized to 5000",
                "{'image_std': [NaN, 1, 1]} | 'image_std'",
                "{'image_mean': [Infinity, 0, 0]} | 'image_mean'",
            })
    void preprocessing_ofNoSensibleSize_isRefused(String json, String saying) throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        Files.writeString(folder.resolve("preprocessor_config.json"), json.replace('\'', '"'));
        refused(folder, saying);
    }

    /** DINOv2 would make positions for every patch of the crop while it opens. */
    @Test
    void positionsForAGiantCrop_areRefused() throws IOException {
        Path folder = KitFixture.unpack("dinov2", temporary);
        CheckpointSurgery.json(
                folder.resolve("preprocessor_config.json"),
                c -> c.putObject("crop_size").put("height", 1_000_000).put("width", 1_000_000));
        refused(folder, "cropped to 1000000");
    }

    @ParameterizedTest
    @CsvSource({"image_size,65536", "image_size,1000000000", "hidden_size,2147483647", "num_hidden_layers,1000000000"})
    void giantTowers_areRefused(String key, int value) throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        CheckpointSurgery.json(
                folder.resolve("config.json"), c -> ((ObjectNode) c.path("vision_config")).put(key, value));
        assertThrows(InputException.class, () -> ImageTextModel.open(folder).close());
    }

    /** A parser that guesses encodings takes four bytes of these for one character. */
    @Test
    void bytesThatLookLikeAnotherEncoding_areRefused() throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        Files.write(folder.resolve("config.json"), new byte[] {0, 0, 0, '{', 99, 99, 99, 99});
        refused(folder, "invalid JSON");
    }

    @Test
    void moreThanOneObject_isRefused() throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        Files.writeString(folder.resolve("config.json"), Files.readString(folder.resolve("config.json")) + "{}");
        refused(folder, "invalid JSON");
    }

    @Test
    void scaleOfSeveralNumbers_isRefused() throws IOException {
        Path folder = KitFixture.unpack("clip-openclip", temporary);
        CheckpointSurgery.tensors(
                folder.resolve("open_clip_model.safetensors"),
                (name, tensor) -> name.equals("logit_scale")
                        ? tensor.reshape(1).expand(new long[] {3}, false).contiguous()
                        : tensor);
        refused(folder, "one number");
    }

    /** One shard under twenty thousand spellings would be opened twenty thousand times. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "./model-0.safetensors",
                ".//model-0.safetensors",
                "../clip-hf/model-0.safetensors",
                "a\u0000b",
                ""
            })
    void shardsUnderOtherSpellings_areRefused(String spelling) throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        CheckpointSurgery.shard(folder.resolve("model.safetensors"), 2);
        ObjectNode index = new ObjectMapper().createObjectNode();
        index.putObject("weight_map").put("logit_scale", spelling);
        Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString());
        refused(folder, "the shard '" + Printable.line(spelling) + "'");
    }
}
