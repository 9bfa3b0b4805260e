package io.residual.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.fixtures.CheckpointSurgery;
import io.residual.fixtures.KitFixture;
import io.residual.model.TextTokenizer.Overlong;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is SigLIP's own; the reference's values are compared in KitVerifierTest. */
class SiglipTest {
    @TempDir
    Path temporary;

    private static List<String> warnings(Path folder) {
        try (ImageTextModel model = ImageTextModel.open(folder)) {
            return model.warnings();
        }
    }

    /** σ(e³ · cosine − 7.5): the fixture's logit_scale is 3 and its logit_bias −7.5. */
    @ParameterizedTest
    @CsvSource({"0, 0.000552778637", "0.373403596, 0.5", "1, 0.999996571", "-1, 1.05e-12"})
    void matchProbability_isTheSigmoidOfScaleAndBias(double cosine, double expected) {
        try (ImageTextModel model = ImageTextModel.open(KitFixture.model("siglip", temporary))) {
            assertTrue(model.scoresPairsAlone());
            assertEquals(expected, model.matchProbability(cosine), 1e-5);
        }
    }

    @Test
    void matchProbability_ofAnotherFamily_isRefused() {
        try (ImageTextModel model = ImageTextModel.open(KitFixture.model("clip-hf", temporary))) {
            assertFalse(model.scoresPairsAlone());
            assertThrows(InputException.class, () -> model.matchProbability(.3));
        }
    }

    /** As the reference cuts: the first ids that fit, without an end. Ids of the fixture's tenth text, from tokenizers. */
    @Test
    void aTextThatIsTooLong_losesItsEnd() {
        String text =
                "an extremely long sentence that goes on and on about a small green frog sitting on a wet leaf beside a"
                        + " quiet pond until no more tokens fit";
        try (ImageTextModel model = ImageTextModel.open(KitFixture.model("siglip", temporary))) {
            TokenIds ids = model.tokenizer().encode(List.of(text, ""), Overlong.CUT);
            long[] row = ids.row(0);
            assertArrayEquals(new long[] {31, 5, 29, 31}, java.util.Arrays.copyOfRange(row, 20, 24));
            assertEquals(24, ids.lengths()[0]);
            assertEquals(1, ids.row(1)[0], "the end token alone");
            assertThrows(InputException.class, () -> model.tokenizer().encode(List.of(text), Overlong.REFUSE));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"siglip", "siglip2"})
    void theFixtures_areNotWarnedAbout(String kit) {
        assertEquals(List.of(), warnings(KitFixture.model(kit, temporary)));
    }

    @Test
    void plainGelu_isWarnedAbout() throws IOException {
        Path folder = KitFixture.model("siglip", temporary);
        CheckpointSurgery.json(
                folder.resolve("config.json"), c -> ((ObjectNode) c.path("vision_config")).put("hidden_act", "gelu"));
        List<String> warnings = warnings(folder);
        assertEquals(1, warnings.size(), warnings.toString());
        assertTrue(warnings.get(0).contains("gelu_pytorch_tanh"), warnings.toString());
    }

    @Test
    void withoutItsBias_isRefused() {
        Path folder = KitFixture.model("siglip", temporary);
        CheckpointSurgery.rename(
                folder.resolve("model.safetensors"),
                name -> name.equals("logit_bias") ? "logit_bias_of_another" : name,
                writer -> {});
        InputException e = assertThrows(InputException.class, () -> ImageTextModel.open(folder));
        assertTrue(String.valueOf(e.getMessage()).contains("logit_bias"), e.getMessage());
    }

    @Test
    void aBiasOfTheWrongSign_isWarnedAbout() {
        Path folder = KitFixture.model("siglip", temporary);
        CheckpointSurgery.tensors(
                folder.resolve("model.safetensors"), (name, t) -> name.equals("logit_bias") ? t.neg() : t);
        List<String> warnings = warnings(folder);
        assertEquals(1, warnings.size(), warnings.toString());
        assertTrue(warnings.get(0).contains("'logit_bias'"), warnings.toString());
    }

    /** CLIP's tokenizer beside a SigLIP: byte pairs without SentencePiece's fallback. */
    @Test
    void anotherModelsTokenizer_isWarnedAbout() throws IOException {
        Path folder = KitFixture.model("siglip", temporary);
        Path clip = KitFixture.unpack("clip-hf", temporary.resolve("other"));
        Files.copy(
                clip.resolve("tokenizer.json"), folder.resolve("tokenizer.json"), StandardCopyOption.REPLACE_EXISTING);
        List<String> warnings = warnings(folder);
        assertTrue(warnings.stream().anyMatch(w -> w.contains("SentencePiece")), warnings.toString());
    }

    /** SentencePiece's table does not reach the native library; NFKC stands for it, and capitals that stay are said. */
    @Test
    void aCompiledTable_isReplacedAndSaid() throws IOException {
        Path folder = KitFixture.model("siglip", temporary);
        CheckpointSurgery.json(folder.resolve("tokenizer.json"), root -> {
            ObjectNode normalizer = root.putObject("normalizer").put("type", "Sequence");
            ArrayNode parts = normalizer.putArray("normalizers");
            parts.addObject().put("type", "Precompiled").put("precompiled_charsmap", "AAAA");
        });
        List<String> warnings = warnings(folder);
        assertEquals(2, warnings.size(), warnings.toString());
        assertTrue(warnings.get(0).contains("NFKC"), warnings.toString());
        assertTrue(warnings.get(1).contains("lower case"), warnings.toString());
        try (ImageTextModel model = ImageTextModel.open(folder)) {
            long[] wide =
                    model.tokenizer().encode(List.of("ａ ｐｈｏｔｏ"), Overlong.CUT).row(0);
            assertArrayEquals(
                    model.tokenizer().encode(List.of("a photo"), Overlong.CUT).row(0), wide);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "model_type | \"siglip2\" | NaFlex",
                "architectures | [\"SiglipForImageClassification\"] | SiglipModel",
                "vision_config | {\"vision_use_head\": false} | vision_use_head",
            })
    void whatHasNoPooledEmbedding_isRefusedWithAReason(String key, String value, String reason) throws IOException {
        Path folder = KitFixture.model("siglip", temporary);
        CheckpointSurgery.json(folder.resolve("config.json"), c -> {
            try {
                c.set(key, new ObjectMapper().readTree(value));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        InputException e = assertThrows(InputException.class, () -> ImageTextModel.open(folder));
        assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
    }

    @Test
    void withoutTokenizerJson_isRefusedWithAWay() throws IOException {
        Path folder = KitFixture.model("siglip", temporary);
        Files.delete(folder.resolve("tokenizer.json"));
        InputException e = assertThrows(InputException.class, () -> ImageTextModel.open(folder));
        assertTrue(String.valueOf(e.getMessage()).contains("tokenizer.json"), e.getMessage());
    }
}
