package io.residual.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.fixtures.CheckpointSurgery;
import io.residual.fixtures.KitFixture;
import io.residual.hub.HubName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFilesTest {
    private final ModelFiles files = new ModelFiles();

    @TempDir
    Path temporary;

    @Test
    void wanted_huggingFaceLayout_leavesOtherFrameworksAlone() {
        assertEquals(
                List.of("config.json", "preprocessor_config.json", "tokenizer.json", "model.safetensors"),
                files.wanted(List.of(
                        "README.md",
                        "config.json",
                        "flax_model.msgpack",
                        "model.safetensors",
                        "preprocessor_config.json",
                        "pytorch_model.bin",
                        "tokenizer.json",
                        "vocab.json")));
    }

    @Test
    void wanted_openClipBesideHuggingFace_takesOneOfThem() {
        assertEquals(
                List.of("open_clip_config.json", "tokenizer.json", "open_clip_model.safetensors"),
                files.wanted(List.of(
                        "config.json",
                        "model.safetensors",
                        "open_clip_config.json",
                        "open_clip_model.safetensors",
                        "tokenizer.json")));
        assertEquals(
                List.of("config.json", "model.safetensors"),
                files.wanted(List.of("config.json", "model.safetensors", "open_clip_config.json")));
    }

    @Test
    void wanted_shards_allOfThemAfterTheIndex() {
        assertEquals(
                List.of(
                        "config.json",
                        "model.safetensors.index.json",
                        "model-00001-of-00002.safetensors",
                        "model-00002-of-00002.safetensors"),
                files.wanted(List.of(
                        "config.json",
                        "model-00001-of-00002.safetensors",
                        "model-00002-of-00002.safetensors",
                        "model.safetensors.index.json",
                        "other.safetensors")));
    }

    @Test
    void wanted_picklesOrNothing_isEmpty() {
        assertEquals(List.of(), files.wanted(List.of("config.json", "pytorch_model.bin")));
        assertEquals(List.of(), files.wanted(List.of("model.safetensors")));
        assertEquals(List.of(), files.wanted(List.of()));
    }

    @Test
    void isComplete_needsShardsTokenizerAndPreprocessing() throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        assertTrue(files.isComplete(folder, f -> false));
        CheckpointSurgery.shard(folder.resolve("model.safetensors"), 2);
        assertTrue(files.isComplete(folder, f -> false));
        for (String name : Set.of(
                "model-00002-of-00002.safetensors", "tokenizer.json", "preprocessor_config.json", "config.json")) {
            Path aside = temporary.resolve("aside");
            Files.move(folder.resolve(name), aside);
            assertFalse(files.isComplete(folder, f -> false), name);
            Files.move(aside, folder.resolve(name));
        }
        Files.delete(folder.resolve("preprocessor_config.json"));
        assertTrue(files.isComplete(folder, "preprocessor_config.json"::equals));
    }

    @Test
    void isComplete_withoutText_needsNoTokenizer() {
        assertTrue(files.isComplete(KitFixture.unpack("vit", temporary), f -> false));
        assertTrue(files.isComplete(KitFixture.unpack("clip-openclip", temporary), f -> false));
    }

    @Test
    void picklesOnly_areRefusedWithTheWayOut() {
        List<String> pickles = List.of("config.json", "pytorch_model.bin");
        assertEquals(List.of(), files.wanted(pickles));
        HubName name = HubName.parse("owner/name").orElseThrow();
        String message = String.valueOf(files.unusable(name, pickles).getMessage());
        assertTrue(message.contains("owner/name") && message.contains("safe_serialization=True"), message);
    }
}
