package io.residual.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.fixtures.CheckpointSurgery;
import io.residual.fixtures.KitFixture;
import io.residual.model.TextTokenizer.Overlong;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What open_clip and transformers make of some hundred nasty texts (golden/make_nasty_texts.py). */
class NastyTextsTest {
    private static final JsonNode ROWS = rows();

    @TempDir
    Path temporary;

    private static JsonNode rows() {
        try (InputStream in = Objects.requireNonNull(NastyTextsTest.class.getResourceAsStream("/texts/nasty.json"))) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Rows of which a text's ids are others, each with what was found; refused is {@code null}, as in the list. */
    private static List<String> differences(TextTokenizer tokenizer, String reference) {
        List<String> out = new ArrayList<>();
        for (JsonNode row : ROWS) {
            String found = "null";
            try {
                TokenIds ids = tokenizer.encode(List.of(row.path("text").textValue()), Overlong.CUT);
                found = Arrays.toString(Arrays.copyOf(ids.row(0), ids.lengths()[0]))
                        .replace(" ", "");
            } catch (InputException e) {
                assertTrue(String.valueOf(e.getMessage()).contains("half of a surrogate pair"), e.getMessage());
            }
            if (!found.equals(row.path(reference).toString())) {
                out.add(row + " but found " + found);
            }
        }
        return out;
    }

    @Test
    void openClip_givesItsOwnTokenizersIds() {
        assertTrue(ROWS.size() > 600);
        Path folder = KitFixture.tokens(temporary);
        try (TextTokenizer tokenizer = TextTokenizer.openClip(folder, 77, TextCleaning.LOWER)) {
            assertEquals(List.of(), differences(tokenizer, "open_clip"));
        }
    }

    @Test
    void huggingFaceClip_givesTransformersIds_withoutCleaning() {
        Path folder = KitFixture.tokens(temporary);
        try (TextTokenizer tokenizer = TextTokenizer.open(folder, 77, TextCleaning.NONE, "<|endoftext|>", 1)) {
            assertEquals(List.of(), differences(tokenizer, "clip"));
        }
    }

    @Test
    void bert_givesTransformersIds() {
        Path folder = KitFixture.unpack("blip-itm", temporary);
        try (TextTokenizer tokenizer = TextTokenizer.open(folder, 24, TextCleaning.NONE, "[PAD]", 0)) {
            assertEquals(List.of(), differences(tokenizer, "bert"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TextCleaning.class,
            names = {"WHITESPACE", "LOWER", "CANONICALIZE"})
    void cleaning_givesOpenClipsText(TextCleaning cleaning) {
        List<String> wrong = new ArrayList<>();
        for (JsonNode row : ROWS) {
            String found = cleaning.clean(row.path("text").textValue());
            if (!found.equals(row.path(cleaning.name().toLowerCase(Locale.ROOT)).textValue())) {
                wrong.add(row + " but found " + found);
            }
        }
        assertEquals(List.of(), wrong);
    }

    /** A model in open_clip's layout is opened with its cleaning, one in Hugging Face's without. */
    @ParameterizedTest
    @CsvSource({"clip-openclip, true", "clip-hf, false"})
    void open_cleansInOpenClipsLayoutAlone(String kit, boolean cleans) {
        try (ImageTextModel model = ImageTextModel.open(KitFixture.unpack(kit, temporary))) {
            TokenIds ids = model.tokenizer()
                    .encode(List.of("a dog's \ufb01sh &amp; chips", "a dog\u2019s fish & chips"), Overlong.CUT);
            assertEquals(cleans, Arrays.equals(ids.row(0), ids.row(1)));
        }
    }

    /** With a name for transformers' tokenizer: its ids and its pad token, after open_clip's cleaning of white space. */
    @Test
    void open_withTransformersTokenizer_padsAndCleansAsOpenClipDoesThen() throws IOException {
        Path folder = KitFixture.unpack("clip-openclip", temporary);
        configure(folder, "hf_tokenizer_name", "\"some/name\"");
        try (ImageTextModel model = ImageTextModel.open(folder);
                TextTokenizer plain = TextTokenizer.open(folder, 24, TextCleaning.NONE, "<|endoftext|>", 0)) {
            TokenIds ids = model.tokenizer().encode(List.of("\u201cA&nbsp;DOG\u201d"), Overlong.CUT);
            assertEquals(
                    Arrays.toString(
                            plain.encode(List.of("\"A DOG\""), Overlong.CUT).row(0)),
                    Arrays.toString(ids.row(0)));
            assertEquals(1213, ids.row(0)[23]);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"clean\": \"canonicalize\"} | true",
                "{\"clean\": \"lower\", \"reduction_mask\": \"\"} | false",
            })
    void open_cleansAsTheConfigurationSays(String settings, boolean drops) throws IOException {
        Path folder = KitFixture.unpack("clip-openclip", temporary);
        configure(folder, "tokenizer_kwargs", settings);
        try (ImageTextModel model = ImageTextModel.open(folder)) {
            TokenIds ids = model.tokenizer().encode(List.of("a_dog, a cat!", "a dog a cat"), Overlong.CUT);
            assertEquals(drops, Arrays.equals(ids.row(0), ids.row(1)));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"clean\": \"upper\"} | text_cfg.tokenizer_kwargs.clean",
                "{\"reduction_mask\": \"simple\"} | text_cfg.tokenizer_kwargs.reduction_mask",
                "{\"strip_sep_token\": true} | text_cfg.tokenizer_kwargs.strip_sep_token",
            })
    void open_withSettingsThatWouldChangeIds_isRefused(String settings, String place) throws IOException {
        Path folder = KitFixture.unpack("clip-openclip", temporary);
        configure(folder, "tokenizer_kwargs", settings);
        InputException e = assertThrows(
                InputException.class, () -> ImageTextModel.open(folder).close());
        assertTrue(String.valueOf(e.getMessage()).contains(place), e.getMessage());
    }

    private static void configure(Path folder, String key, String json) throws IOException {
        JsonNode value = new ObjectMapper().readTree(json);
        CheckpointSurgery.json(
                folder.resolve("open_clip_config.json"),
                c -> ((ObjectNode) c.path("model_cfg").path("text_cfg")).set(key, value));
    }

    /** Uploads have merges as one string or as two. */
    @Test
    void mergesInPairs_areRead() throws IOException {
        Path folder = KitFixture.unpack("clip-openclip", temporary);
        long[] once = ids(folder, "two red frogs");
        CheckpointSurgery.json(folder.resolve("tokenizer.json"), c -> {
            ObjectNode model = (ObjectNode) c.path("model");
            JsonNode merges = model.path("merges");
            ArrayNode pairs = model.putArray("merges");
            merges.forEach(m -> {
                ArrayNode pair = pairs.addArray();
                for (String piece : m.isArray()
                        ? List.of(m.path(0).asText(), m.path(1).asText())
                        : List.of(m.asText().split(" "))) {
                    pair.add(piece);
                }
            });
        });
        assertEquals(Arrays.toString(once), Arrays.toString(ids(folder, "two red frogs")));
    }

    @Test
    void vocabularyWithoutAMergesResult_isRefusedWhenUsed() throws IOException {
        Path folder = KitFixture.unpack("clip-openclip", temporary);
        CheckpointSurgery.json(
                folder.resolve("tokenizer.json"),
                c -> ((ObjectNode) c.path("model").path("vocab")).remove("a</w>"));
        InputException e = assertThrows(InputException.class, () -> ids(folder, "a"));
        assertTrue(String.valueOf(e.getMessage()).contains("no token 'a</w>'"), e.getMessage());
    }

    private static long[] ids(Path folder, String text) {
        try (TextTokenizer tokenizer = TextTokenizer.openClip(folder, 24, TextCleaning.LOWER)) {
            return tokenizer.encode(List.of(text), Overlong.CUT).row(0);
        }
    }

    /** Time in proportion to the text: with a step of its square each of these would outlast the build's limit on a test. */
    @ParameterizedTest
    @ValueSource(strings = {"ab", "\u00c3\u00a9"})
    void longTexts_takeTimeInProportion(String piece) {
        Path folder = KitFixture.unpack("clip-openclip", temporary);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 200_000; i++) {
            text.append(piece).append((char) ('a' + Math.floorMod((i * 2654435761L) >> 9, 26)));
        }
        assertEquals(24, ids(folder, text.toString()).length);
    }
}
