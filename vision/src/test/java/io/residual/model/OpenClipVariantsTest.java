package io.residual.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.fixtures.SeededOpenClip;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The variants of towers in open_clip's layout, against features that open_clip and timm give (golden/make_open_clip_variants.py). */
class OpenClipVariantsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    Path temporary;

    private static JsonNode expected() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(OpenClipVariantsTest.class.getResourceAsStream("open-clip-variants.json"))) {
            return MAPPER.readTree(in);
        }
    }

    private static void close(JsonNode expected, float[] found, String what) {
        assertEquals(expected.size(), found.length, what);
        for (int i = 0; i < found.length; i++) {
            assertEquals(expected.path(i).asDouble(), found[i], 2e-5, what + " " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"quickgelu", "mean", "bare", "timm-token", "timm-linear", "timm-mean"})
    void features_areThoseOfTheReference(String variant) throws IOException {
        JsonNode wanted = expected().path(variant);
        Path folder = SeededOpenClip.write(wanted.path("config"), temporary);
        try (ImageTextModel model = ImageTextModel.open(folder);
                NativeScope scope = NativeScope.inference()) {
            int size = model.image().config().imageSize();
            Tensor pixels = Tensors.of(SeededOpenClip.pixels(2, size), 2, 3, size, size);
            close(wanted.path("image"), Tensors.floats(model.image().encode(pixels)), "image");
            long[] ids = {30, 5, 9, 31, 0, 0, 0, 0, 30, 1, 2, 3, 4, 5, 6, 31};
            TokenIds texts = new TokenIds(ids, new int[] {4, 8}, 8);
            close(wanted.path("text"), Tensors.floats(model.text().encode(texts)), "text");
        }
    }

    /** timm's CLIP towers have a LayerNorm before the first block and no bias of patches; this one is narrow. */
    @Test
    void timmsClipTower_isReadAsTimmDoes() throws IOException {
        JsonNode wanted = expected().path("timm-clip");
        SeededOpenClip.timmClip(16, 2, 14, 28, 8, temporary.resolve("tower.safetensors"));
        TimmVit timm = new TimmVit(
                new TimmVit.Size(16, 2, 2, 4), 14, true, Activation.QUICK_GELU, TimmVit.Kind.TOKEN_HEAD, false);
        OwnedTensors owned = new OwnedTensors();
        try (Checkpoint weights = Checkpoint.open(temporary, "tower.safetensors");
                NativeScope scope = NativeScope.inference()) {
            ImageConfig config = timm.config(temporary, 28, 8);
            ImageTower tower = ImageTower.of(config, timm.weights(new WeightReader(weights, owned), config));
            Tensor pixels = Tensors.of(SeededOpenClip.pixels(2, 28), 2, 3, 28, 28);
            close(wanted.path("image"), Tensors.floats(tower.encode(pixels)), "image");
            assertEquals(wanted.path("tensors").asInt(), weights.used().size());
        } finally {
            owned.all().forEach(Tensor::close);
        }
    }

    @Test
    void timmsNames_meanTimmsShapes() throws IOException {
        for (var shape : expected().path("shapes").properties()) {
            ObjectNode vision = MAPPER.createObjectNode()
                    .put("timm_model_name", shape.getKey())
                    .put("timm_pool", "token");
            TimmVit timm = Objects.requireNonNull(TimmVit.named(temporary, vision));
            JsonNode wanted = shape.getValue();
            assertEquals(wanted.path(0).asInt(), timm.size().width(), shape.getKey());
            assertEquals(wanted.path(1).asInt(), timm.size().layers(), shape.getKey());
            assertEquals(wanted.path(2).asInt(), timm.size().heads(), shape.getKey());
            assertEquals(
                    wanted.path(3).asInt(),
                    (int) (timm.size().width() * timm.size().mlp()),
                    shape.getKey());
            assertEquals(wanted.path(4).asInt(), timm.patch(), shape.getKey());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'timm_model_name': 'vit_base_patch16_siglip_224'                        | google/siglip",
                "'timm_model_name': 'vit_pe_core_base_patch16_224'                       | Perception Encoder",
                "'timm_model_name': 'eva02_base_patch16_clip_224'                        | EVA normalises",
                "'timm_model_name': 'vit_base_mci_224'                                   | plain vision transformer",
                "'timm_model_name': 'convnext_base'                                      | plain vision transformer",
                "'timm_model_name': 'vit_base_patch16_224', 'timm_proj': 'mlp'           | Other readouts",
                "'timm_model_name': 'vit_base_patch16_224', 'timm_pool': 'map'           | Other readouts",
                "'timm_model_name': 'vit_base_patch16_224', 'timm_proj': null            | Other readouts",
                "'pool_type': 'avg', 'final_ln_after_pool': true                         | CLIPA",
                "'attentional_pool': true                                                | CoCa"
            })
    void otherTowers_areRefusedWithTheirReason(String entries, String reason) throws IOException {
        JsonNode config = MAPPER.readTree(
                ("{'embed_dim': 8, 'vision_cfg': {" + entries + "}, 'text_cfg': {}}").replace('\'', '"'));
        Path folder = SeededOpenClip.write(expected().path("quickgelu").path("config"), temporary);
        Files.writeString(folder.resolve("open_clip_config.json"), "{\"model_cfg\": " + config + "}");
        InputException e = assertThrows(
                InputException.class, () -> ImageTextModel.open(folder).close());
        assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
    }
}
