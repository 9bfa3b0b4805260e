package io.residual.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.fixtures.CheckpointSurgery;
import io.residual.fixtures.KitFixture;
import io.residual.model.TextTokenizer.Overlong;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings at which the native library ends the process, or never comes back: each was tried on it without the guard. */
class TokenizerGuardTest {
    @TempDir
    Path temporary;

    private static TextTokenizer open(Path folder) {
        return TextTokenizer.open(folder, 16, TextCleaning.NONE, "[PAD]", 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " -> ",
            quoteCharacter = '`',
            value = {
                "pre_tokenizer -> {'type': 'FixedLength', 'length': 0}",
                "normalizer -> {'type': 'Precompiled', 'precompiled_charsmap': 'AAAA'}",
                "pre_tokenizer -> {'type': 'Split', 'pattern': {'Regex': '(a|aa|a+)+$'}, 'behavior': 'Removed', 'invert': false}",
                "pre_tokenizer -> {'type': 'Sequence', 'pretokenizers': [{'type': 'Split', 'pattern': {'Regex': '(a+)+$'}}]}",
                "normalizer -> {'type': 'Replace', 'pattern': {'String': 'a'}, 'content': 'aa'}",
                "normalizer -> {'type': 'Replace', 'pattern': {'String': ''}, 'content': 'a'}",
                "normalizer -> {'type': 'Sequence', 'normalizers': [{'type': 'Sequence', 'normalizers': []}]}",
                "normalizer -> {'type': 'Prepend', 'prepend': 'a'}",
                "post_processor -> {'type': 'Unheard-of'}",
                "model -> {'type': 'Unigram', 'vocab': []}",
                "model -> {'type': 'Unigram', 'unk_id': 0, 'vocab': [['', -1.0]]}",
                "model -> {'type': 'Unigram', 'unk_id': 1, 'vocab': [['a', -1.0]]}",
                "model -> {'type': 'Unigram', 'unk_id': 0, 'vocab': [['a', 'b']]}",
                "model -> {'type': 'Unigram', 'vocab': [['a', -1.0]]}",
                "normalizer -> {'type': 'Replace', 'pattern': {'Regex': '[a-z]'}, 'content': ''}",
                "normalizer -> {'type': 'Replace', 'pattern': {'Regex': '[!]+'}, 'content': ''}",
                "normalizer -> {'type': 'Replace', 'pattern': {'Regex': '[[!]]'}, 'content': ''}",
                "model -> {'type': 'BPE', 'continuing_subword_prefix': '##', 'vocab': {}, 'merges': []}",
                "model -> {'type': 'BPE', 'dropout': 0.5, 'vocab': {}, 'merges': []}"
            })
    void whatTheNativeLibraryDoesNotSurvive_isRefusedBefore(String part, String json) throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        CheckpointSurgery.json(folder.resolve("tokenizer.json"), root -> {
            try {
                root.set(part, new ObjectMapper().readTree(json.replace('\'', '"')));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        InputException e = assertThrows(InputException.class, () -> open(folder));
        assertTrue(String.valueOf(e.getMessage()).contains("'" + part + "'"), e.getMessage());
        assertTrue(String.valueOf(e.getMessage()).contains("not supported"), e.getMessage());
    }

    /** The library would look for the cloud it is in, and report to its makers. */
    @Test
    void theLibrary_isToldToReportNothing() {
        open(KitFixture.unpack("clip-hf", temporary)).close();
        assertEquals("true", System.getProperty("OPT_OUT_TRACKING"));
    }

    @Test
    void manyReplacements_areRefused() throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        CheckpointSurgery.json(folder.resolve("tokenizer.json"), root -> {
            ObjectNode sequence = root.putObject("normalizer").put("type", "Sequence");
            for (int i = 0; i < 9; i++) {
                sequence.withArray("normalizers").addObject().put("type", "Lowercase");
            }
        });
        assertThrows(InputException.class, () -> open(folder));
    }

    /** Each kit's own passes, with the ids that its expectations have (KitTest compares them). */
    @ParameterizedTest
    @CsvSource({"clip-hf", "clip-openclip", "blip-itm"})
    void whatFamiliesHave_passes(String kit) {
        try (TextTokenizer tokenizer = open(KitFixture.unpack(kit, temporary))) {
            assertTrue(
                    tokenizer.encode(List.of("a photo of a cat"), Overlong.CUT).lengths()[0] > 2);
        }
    }

    /** Words without a token for the unknown: an error that names the text, not one of the library's. */
    @Test
    void wordsWithoutTheUnknown_areRefusedWhenUsed() throws IOException {
        Files.writeString(temporary.resolve("vocab.txt"), "[CLS]\n[SEP]\nred\n");
        try (TextTokenizer tokenizer = open(temporary)) {
            InputException e =
                    assertThrows(InputException.class, () -> tokenizer.encode(List.of("blue"), Overlong.CUT));
            assertTrue(String.valueOf(e.getMessage()).contains("the text 'blue'"), e.getMessage());
        }
    }

    @Test
    void wordsThatAreNoText_areRefused() throws IOException {
        Files.write(temporary.resolve("vocab.txt"), "[CLS]\nbl\u00fc\n".getBytes(StandardCharsets.ISO_8859_1));
        InputException e = assertThrows(InputException.class, () -> open(temporary));
        assertEquals(
                temporary.resolve("vocab.txt")
                        + ": found bytes that are not UTF-8, expected text. Fetch the model again.",
                e.getMessage());
    }
}
