package io.residual.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.fixtures.CheckpointSurgery;
import io.residual.fixtures.KitFixture;
import io.residual.model.ImageTextModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kits dressed as uploads of former years: the reference's values stay what they are. */
class OldUploadsTest {
    @TempDir
    Path temporary;

    private static void assertAgrees(Path kit, Set<String> ignored) {
        assertEquals(
                List.of(),
                Kit.verify(kit, KitFixture.texts()).stream()
                        .filter(c -> !c.passed())
                        .toList());
        try (ImageTextModel model = ImageTextModel.open(kit)) {
            assertEquals(ignored, model.ignoredTensors());
            assertEquals(List.of(), model.warnings());
        }
    }

    /** The defaults of CLIPConfig are those of ViT-B/32, QuickGELU among them; 2 was the end token's id until 2023. */
    @Test
    void clip_defaultsLeftOutBuffersAndOldPreprocessor_agrees() throws IOException {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        CheckpointSurgery.json(kit.resolve("config.json"), config -> {
            ObjectNode text = (ObjectNode) config.path("text_config");
            ObjectNode vision = (ObjectNode) config.path("vision_config");
            for (ObjectNode part : List.of(text, vision)) {
                part.remove(List.of(
                        "hidden_act", "layer_norm_eps", "attention_dropout", "initializer_range", "model_type"));
            }
            text.put("eos_token_id", 2).put("bos_token_id", 0).put("pad_token_id", 1);
            config.putNull("text_config_dict").putNull("vision_config_dict").remove("logit_scale_init_value");
        });
        CheckpointSurgery.json(kit.resolve("preprocessor_config.json"), config -> config.put("size", 32)
                .put("crop_size", 32)
                .put("feature_extractor_type", "CLIPFeatureExtractor")
                .remove(List.of("do_rescale", "rescale_factor", "do_convert_rgb", "image_processor_type")));
        CheckpointSurgery.rename(kit.resolve("model.safetensors"), n -> n, w -> w.add(
                        "text_model.embeddings.position_ids",
                        LongStream.range(0, 24).toArray(),
                        1,
                        24)
                .add(
                        "vision_model.embeddings.position_ids",
                        LongStream.range(0, 17).toArray(),
                        1,
                        17));
        assertAgrees(kit, Set.of("text_model.embeddings.position_ids", "vision_model.embeddings.position_ids"));
    }

    /** As in transformers, a second configuration counts alone; the first may then be wrong. */
    @Test
    void clip_configDicts_countAlone() throws IOException {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        CheckpointSurgery.json(kit.resolve("config.json"), config -> {
            config.set("text_config_dict", config.path("text_config").deepCopy());
            config.set("vision_config_dict", config.path("vision_config").deepCopy());
            ((ObjectNode) config.path("vision_config"))
                    .put("num_hidden_layers", 24)
                    .put("hidden_act", "gelu");
            ((ObjectNode) config.path("text_config")).put("hidden_size", 999);
        });
        assertAgrees(kit, Set.of());
    }

    @Test
    void vit_prefixClassifierPoolerAndTensorFlowNames_agrees() throws IOException {
        Path kit = KitFixture.unpack("vit", temporary);
        CheckpointSurgery.rename(
                kit.resolve("model.safetensors"),
                n -> "vit."
                        + n.replaceFirst("(layernorm[a-z_]*)\\.weight$", "$1.gamma")
                                .replaceFirst("(layernorm[a-z_]*)\\.bias$", "$1.beta"),
                w -> w.add("classifier.weight", new float[128], 2, 64)
                        .add("classifier.bias", new float[2], 2)
                        .add("vit.pooler.dense.weight", new float[64 * 64], 64, 64));
        CheckpointSurgery.json(kit.resolve("config.json"), config -> {
            config.putArray("architectures").add("ViTForImageClassification");
            config.remove(List.of("qkv_bias", "hidden_act", "layer_norm_eps", "model_type", "encoder_stride"));
        });
        CheckpointSurgery.json(kit.resolve("preprocessor_config.json"), config -> config.put("size", 42)
                .remove(List.of("do_rescale", "rescale_factor", "image_processor_type")));
        assertAgrees(kit, Set.of("classifier.weight", "classifier.bias", "vit.pooler.dense.weight"));
    }

    @Test
    void vit_namesSinceTransformers5_agrees() {
        Path kit = KitFixture.unpack("vit", temporary);
        CheckpointSurgery.rename(
                kit.resolve("model.safetensors"),
                n -> n.replace("encoder.layer.", "layers.")
                        .replace("attention.attention.query", "attention.q_proj")
                        .replace("attention.attention.key", "attention.k_proj")
                        .replace("attention.attention.value", "attention.v_proj")
                        .replace("attention.output.dense", "attention.o_proj")
                        .replace("intermediate.dense", "mlp.fc1")
                        .replace(".output.dense", ".mlp.fc2"),
                w -> {});
        assertAgrees(kit, Set.of());
    }

    @Test
    void dinoV2_prefixAndClassifier_agrees() throws IOException {
        Path kit = KitFixture.unpack("dinov2", temporary);
        CheckpointSurgery.rename(
                kit.resolve("model.safetensors"),
                n -> "dinov2." + n,
                w -> w.add("classifier.weight", new float[128], 1, 128));
        CheckpointSurgery.json(
                kit.resolve("config.json"),
                config -> config.remove(
                        List.of("qkv_bias", "hidden_act", "layer_norm_eps", "layerscale_value", "use_swiglu_ffn")));
        assertAgrees(kit, Set.of("classifier.weight", "dinov2.embeddings.mask_token"));
    }

    @Test
    void blip_positionIdsAndDefaultsLeftOut_agrees() throws IOException {
        Path kit = KitFixture.unpack("blip-itm", temporary);
        Set<String> before;
        try (ImageTextModel model = ImageTextModel.open(kit)) {
            before = model.ignoredTensors();
        }
        CheckpointSurgery.rename(
                kit.resolve("model.safetensors"),
                n -> n,
                w -> w.add(
                        "text_encoder.embeddings.position_ids",
                        LongStream.range(0, 24).toArray(),
                        1,
                        24));
        CheckpointSurgery.json(kit.resolve("config.json"), config -> {
            for (String part : List.of("text_config", "vision_config")) {
                ((ObjectNode) config.path(part)).remove(List.of("hidden_act", "layer_norm_eps", "pad_token_id"));
            }
        });
        CheckpointSurgery.json(kit.resolve("preprocessor_config.json"), config -> config.put("size", 32)
                .remove(List.of("do_rescale", "rescale_factor", "image_processor_type")));
        Set<String> expected = new java.util.TreeSet<>(before);
        expected.add("text_encoder.embeddings.position_ids");
        assertAgrees(kit, expected);
    }

    @Test
    void openClip_wrappedForDistributedTraining_agrees() {
        Path kit = KitFixture.unpack("clip-openclip", temporary);
        CheckpointSurgery.rename(
                kit.resolve("open_clip_model.safetensors"),
                n -> "module." + n,
                w -> w.add("attn_mask", new float[4], 2, 2));
        assertAgrees(kit, Set.of("attn_mask"));
    }

    /** From before 2022: the vocabulary and the merges of which tokenizer.json is made. */
    @Test
    void clip_vocabularyAndMergesOnly_agrees() throws IOException {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        JsonNode model = new ObjectMapper()
                .readTree(kit.resolve("tokenizer.json").toFile())
                .path("model");
        Files.writeString(kit.resolve("vocab.json"), model.path("vocab").toString());
        StringBuilder merges = new StringBuilder("#version: 0.2\n");
        for (JsonNode merge : model.path("merges")) {
            merges.append(
                            merge.isTextual()
                                    ? merge.asText()
                                    : merge.path(0).asText() + " "
                                            + merge.path(1).asText())
                    .append('\n');
        }
        Files.writeString(kit.resolve("merges.txt"), merges);
        Files.delete(kit.resolve("tokenizer.json"));
        Files.delete(kit.resolve("tokenizer_config.json")); // the pad token is then CLIP's own
        assertAgrees(kit, Set.of());
    }

    @Test
    void blip_vocabularyOnly_agrees() throws IOException {
        Path kit = KitFixture.unpack("blip-itm", temporary);
        Set<String> before;
        try (ImageTextModel model = ImageTextModel.open(kit)) {
            before = model.ignoredTensors();
        }
        Files.delete(kit.resolve("tokenizer.json"));
        CheckpointSurgery.json(kit.resolve("config.json"), c -> ((ObjectNode) c.path("text_config"))
                .put("pad_token_id", 1)); // the tokenizer's own counts
        assertAgrees(kit, before);
    }

    /** The kit's images come preprocessed, so what the file says of other sizes must not matter. */
    @ParameterizedTest
    @CsvSource({"dinov2, 256, 224", "dinov2, 48, 0", "vit, 224, 0", "dinov2, 0, 0", "vit, 0, 0", "clip-hf, 0, 0"})
    void preprocessorOfAnotherSizeOrNone_agrees(String name, int size, int crop) throws IOException {
        Path kit = KitFixture.unpack(name, temporary);
        Path file = kit.resolve("preprocessor_config.json");
        if (size == 0) {
            Files.delete(file);
        } else {
            CheckpointSurgery.json(file, p -> {
                p.put("do_center_crop", crop > 0);
                p.put("size", size).put("crop_size", crop);
            });
        }
        assertAgrees(kit, name.equals("dinov2") ? Set.of("embeddings.mask_token") : Set.of());
    }

    @Test
    void vit_sizesAsLists_agrees() throws IOException {
        Path kit = KitFixture.unpack("vit", temporary);
        CheckpointSurgery.json(kit.resolve("config.json"), c -> {
            c.putArray("image_size").add(42).add(42);
            c.putArray("patch_size").add(14).add(14);
            c.put("num_attention_heads", 4.0);
            c.put("hidden_act", "gelu_python");
        });
        assertAgrees(kit, Set.of());
    }

    @Test
    void openClip_customTextInFileOfAnotherName_agrees() throws IOException {
        Path kit = KitFixture.unpack("clip-openclip", temporary);
        CheckpointSurgery.rename(
                kit.resolve("open_clip_model.safetensors"),
                n -> n.startsWith("visual.") || n.equals("logit_scale") ? n : "text." + n,
                w -> {});
        CheckpointSurgery.json(
                kit.resolve("open_clip_config.json"), c -> ((ObjectNode) c.path("model_cfg")).put("custom_text", true));
        Files.move(kit.resolve("open_clip_model.safetensors"), kit.resolve("model.safetensors"));
        assertAgrees(kit, Set.of());
    }

    @Test
    void clip_configurationAsPythonWritesIt_agrees() throws IOException {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        Path config = kit.resolve("config.json");
        CheckpointSurgery.json(config, c -> c.remove(List.of("model_type", "architectures")));
        Files.writeString(config, Files.readString(config).replaceFirst("\\{", "{\"initializer_factor\": NaN, "));
        assertAgrees(kit, Set.of());
    }
}
