package io.residual.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.fixtures.CheckpointSurgery;
import io.residual.fixtures.KitFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuardsTest {
    @TempDir
    Path temporary;

    private static List<String> warnings(Path folder) {
        try (ImageTextModel model = ImageTextModel.open(folder)) {
            return model.warnings();
        }
    }

    private Path clip(String under, String activation) throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary.resolve(under));
        for (String part : List.of("vision_config", "text_config")) {
            CheckpointSurgery.json(
                    folder.resolve("config.json"), c -> ((ObjectNode) c.path(part)).put("hidden_act", activation));
        }
        return folder;
    }

    /** Under the hub's cache, the repository's name stands three folders up. */
    @ParameterizedTest
    @CsvSource({
        "models--openai--clip-vit-base-patch32/snapshots, gelu, 1",
        "models--openai--clip-vit-base-patch32/snapshots, quick_gelu, 0",
        "models--laion--CLIP-ViT-B-32-laion2B-s34B-b79K/snapshots, quick_gelu, 1",
        "models--laion--CLIP-ViT-B-32-laion2B-s34B-b79K/snapshots, gelu, 0",
        "models--facebook--metaclip-b32-400m/snapshots, gelu, 1",
        "models--laion--clip-b-32-quickgelu/snapshots, quick_gelu, 0",
        "models--openai--whisper/x, gelu, 1", // the folder below is called clip-hf
        "mine, gelu, 0",
        "mine, quick_gelu, 0"
    })
    void open_activationAgainstTheName_warns(String under, String activation, int expected) throws IOException {
        List<String> warnings = warnings(clip(under, activation));
        assertEquals(expected, warnings.size(), warnings.toString());
        assertTrue(warnings.stream().allMatch(w -> w.contains("hidden_act") && w.contains("GELU")));
    }

    @Test
    void open_activationAgainstTheOriginalName_warns() throws IOException {
        Path folder = clip("mine", "gelu");
        CheckpointSurgery.json(
                folder.resolve("config.json"), c -> c.put("_name_or_path", "openai/clip-vit-large-patch14"));
        assertEquals(1, warnings(folder).size());
    }

    @Test
    void open_activationsOfTowersDiffer_warns() throws IOException {
        Path folder = clip("mine", "gelu");
        CheckpointSurgery.json(folder.resolve("config.json"), c -> ((ObjectNode) c.path("text_config"))
                .put("hidden_act", "quick_gelu"));
        assertEquals(1, warnings(folder).size());
    }

    @ParameterizedTest
    @CsvSource({
        "models--timm--vit_base_patch32_clip_224.openai/snapshots, false, 1",
        "models--timm--vit_base_patch32_clip_224.openai/snapshots, true, 0",
        "models--timm--vit_base_patch32_clip_224.laion2b/snapshots, true, 1",
        "models--apple--DFN2B-CLIP-ViT-B-16/snapshots, false, 1",
        "models--apple--DFN2B-CLIP-ViT-B-16/snapshots, true, 0",
        "models--laion--CLIP-ViT-B-16-DataComp.XL-s13B-b90K/snapshots, true, 1",
        "models--laion--CLIP-ViT-B-16-DataComp.XL-s13B-b90K/snapshots, false, 0",
    })
    void open_openClipActivationAgainstTheName_warns(String under, boolean quick, int expected) throws IOException {
        Path folder = KitFixture.unpack("clip-openclip", temporary.resolve(under));
        CheckpointSurgery.json(folder.resolve("open_clip_config.json"), c -> ((ObjectNode) c.path("model_cfg"))
                .put("quick_gelu", quick));
        assertEquals(expected, warnings(folder).size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"swin", "convnext", "deit", "clip_vision_model", ""})
    void open_unknownArchitecture_isRefusedByNameWithTheKnownOnes(String type) throws IOException {
        Path folder = KitFixture.unpack("vit", temporary);
        CheckpointSurgery.json(folder.resolve("config.json"), c -> c.put("model_type", type));
        InputException e = assertThrows(InputException.class, () -> ImageTextModel.open(folder));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("'" + type + "'") || type.isEmpty(), message);
        for (String known : List.of("clip", "blip", "vit", "dinov2", "open_clip")) {
            assertTrue(message.contains(known), message);
        }
    }

    @Test
    void open_naflex_isRefusedWithTheReason() throws IOException {
        Path folder = KitFixture.unpack("vit", temporary);
        CheckpointSurgery.json(folder.resolve("config.json"), c -> c.put("model_type", "siglip2"));
        InputException e = assertThrows(InputException.class, () -> ImageTextModel.open(folder));
        assertTrue(String.valueOf(e.getMessage()).contains("NaFlex"));
    }

    @ParameterizedTest
    @CsvSource({"do_rescale, false", "rescale_factor, 1"})
    void open_pixelsNotDividedBy255_isRefused(String key, String value) throws IOException {
        Path folder = KitFixture.unpack("vit", temporary);
        Path file = folder.resolve("preprocessor_config.json");
        Files.writeString(
                file,
                Files.readString(file).replaceFirst("\"" + key + "\": [^,]*,", "\"" + key + "\": " + value + ","));
        InputException e = assertThrows(InputException.class, () -> ImageTextModel.open(folder));
        assertTrue(String.valueOf(e.getMessage()).contains(key));
    }

    @Test
    void open_notNormalised_leavesPixelsBetween0And1() throws IOException {
        Path folder = KitFixture.unpack("vit", temporary);
        CheckpointSurgery.json(folder.resolve("preprocessor_config.json"), c -> c.put("do_normalize", false));
        try (ImageTextModel model = ImageTextModel.open(folder)) {
            float[] out = new float[model.preprocessing().inputLength()];
            model.preprocessing().apply(new io.residual.images.Image(1, 1, new byte[] {0, (byte) 255, 51}), out, 0);
            int area = out.length / 3;
            assertEquals(0f, out[0]);
            assertEquals(1f, out[area]);
            assertEquals(.2f, out[2 * area], 1e-7);
        }
    }

    /** Settings under which open_clip computes something else; it was run to see that it does. */
    @ParameterizedTest
    @CsvSource({
        "vision_cfg, pool_type, somewhere",
        "vision_cfg, norm_kwargs, {\"eps\": 0.1}",
        "vision_cfg, act_kwargs, {\"approximate\": \"tanh\"}",
        "vision_cfg, qk_norm, true",
        "vision_cfg, timm_model_name, vit_base",
        "vision_cfg, attentional_pool, true",
        "vision_cfg, something_new, 7",
        "text_cfg, pool_type, last",
        "text_cfg, hf_model_name, roberta-base"
    })
    void open_openClipVariant_isRefusedByItsSetting(String part, String key, String value) throws IOException {
        Path folder = KitFixture.unpack("clip-openclip", temporary);
        CheckpointSurgery.json(folder.resolve("open_clip_config.json"), c -> {
            ObjectNode config = (ObjectNode) c.path("model_cfg").path(part);
            if (value.startsWith("{")) {
                config.putObject(key).put("x", value);
            } else if (value.equals("true")) {
                config.put(key, true);
            } else {
                config.put(key, value);
            }
        });
        InputException e = assertThrows(InputException.class, () -> ImageTextModel.open(folder));
        assertTrue(String.valueOf(e.getMessage()).contains(part + "." + key), e.getMessage());
    }

    @Test
    void open_openClipPlainSettingsWrittenOut_isAccepted() throws IOException {
        Path folder = KitFixture.unpack("clip-openclip", temporary);
        CheckpointSurgery.json(folder.resolve("open_clip_config.json"), c -> {
            ((ObjectNode) c.path("model_cfg").path("vision_cfg"))
                    .put("pool_type", "tok")
                    .put("attentional_pool", false)
                    .put("patch_dropout", .5)
                    .putNull("timm_model_name");
            ((ObjectNode) c.path("model_cfg").path("text_cfg"))
                    .put("pool_type", "argmax")
                    .put("hf_tokenizer_name", "x");
        });
        assertEquals(List.of(), warnings(folder));
    }

    @Test
    void open_textHeadsThatDoNotDivideTheWidth_isRefused() throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        CheckpointSurgery.json(
                folder.resolve("config.json"), c -> ((ObjectNode) c.path("text_config")).put("num_attention_heads", 3));
        InputException heads = assertThrows(InputException.class, () -> ImageTextModel.open(folder));
        assertTrue(String.valueOf(heads.getMessage()).contains("3 for a width of 40"), heads.getMessage());
    }

    @Test
    void open_endTokenAsList_isRefused() throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        CheckpointSurgery.json(folder.resolve("config.json"), c -> ((ObjectNode) c.path("text_config"))
                .putArray("eos_token_id")
                .add(1213));
        InputException e = assertThrows(InputException.class, () -> ImageTextModel.open(folder));
        assertTrue(String.valueOf(e.getMessage()).contains("eos_token_id"), e.getMessage());
    }
}
