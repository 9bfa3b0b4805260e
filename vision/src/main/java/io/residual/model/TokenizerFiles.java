package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.RegularFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A folder's tokenizer as the content of a {@code tokenizer.json}. Uploads from before 2022 may have only CLIP's {@code
 * vocab.json} and {@code merges.txt}, or BERT's {@code vocab.txt}; from these it is put together, as transformers does.
 */
final class TokenizerFiles {
    static final String CLIP_WORDS =
            "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

    private static final int LARGEST = 100_000_000;

    private TokenizerFiles() {}

    static JsonNode read(Path folder) {
        Path whole = folder.resolve("tokenizer.json");
        Path vocabulary = folder.resolve("vocab.json");
        Path merges = folder.resolve("merges.txt");
        Path words = folder.resolve("vocab.txt");
        if (Files.exists(whole)) {
            return finished(folder, whole, (ObjectNode) ModelFolder.json(whole));
        }
        if (Files.exists(vocabulary) && Files.exists(merges)) {
            return clip(ModelFolder.json(vocabulary), lines(merges));
        }
        if (Files.exists(words)) {
            return bert(lines(words));
        }
        throw InputException.at(
                folder,
                "no tokenizer",
                "tokenizer.json, or vocab.json with merges.txt (CLIP), or vocab.txt (BLIP)",
                "Copy it from the original repository, or save it with AutoTokenizer.save_pretrained");
    }

    /**
     * SigLIP's tokenizer. A compiled table of characters (SentencePiece's) is not given to the native library; NFKC, of which such
     * tables are a variant, stands for it, and that is said.
     */
    static JsonNode readPieces(Path folder, List<String> warnings) {
        Path whole = folder.resolve("tokenizer.json");
        if (!Files.exists(whole)) {
            throw InputException.at(
                    folder,
                    "no tokenizer.json",
                    "SigLIP's tokenizer as tokenizer.json (spiece.model and tokenizer.model are not read)",
                    "Save it with AutoTokenizer.from_pretrained(…, use_fast=True).save_pretrained(…)");
        }
        ObjectNode root = (ObjectNode) ModelFolder.json(whole);
        if (withoutTables(root)) {
            warnings.add(
                    whole + ": its table of characters is not used, and NFKC stands for it, so that texts with rare"
                            + " characters may get other tokens than in Python; plain letters and digits do not");
        }
        JsonNode model = root.path("model");
        if (!model.path("type").asText().equals("Unigram")
                && !model.path("byte_fallback").asBoolean(false)) {
            warnings.add(whole
                    + ": SigLIP's texts are cut by SentencePiece (Unigram, or BPE with byte fallback), but"
                    + " this tokenizer is of another kind, so texts get tokens of another model. Take"
                    + " tokenizer.json from the model's own repository");
        }
        String normalizer = Json.line(root.path("normalizer"));
        if (!normalizer.contains("\"Lowercase\"")) {
            warnings.add(whole
                    + ": SigLIP was trained on lower case, but this tokenizer keeps capitals. Write prompts and texts"
                    + " in lower case");
        }
        return finished(folder, whole, root);
    }

    private static boolean withoutTables(ObjectNode root) {
        JsonNode normalizer = root.path("normalizer");
        if (isTable(normalizer)) {
            root.putObject("normalizer").put("type", "NFKC");
            return true;
        }
        boolean found = false;
        if (normalizer.path("normalizers") instanceof ArrayNode parts) {
            for (int i = 0; i < parts.size(); i++) {
                if (isTable(parts.path(i))) {
                    parts.set(i, Json.object().put("type", "NFKC"));
                    found = true;
                }
            }
        }
        return found;
    }

    private static boolean isTable(JsonNode part) {
        return part.path("type").asText().equals("Precompiled");
    }

    private static JsonNode finished(Path folder, Path whole, ObjectNode root) {
        root.putNull("truncation"); // both are done here
        root.putNull("padding");
        root.putNull("decoder"); // nothing is decoded
        followConfig(root, folder.resolve("tokenizer_config.json"));
        TokenizerGuard.check(whole, root);
        return root;
    }

    /** As BertTokenizerFast does: its configuration decides on lower case, whatever the tokenizer's file says. */
    private static void followConfig(ObjectNode root, Path config) {
        boolean bert = root.path("normalizer").path("type").asText().equals("BertNormalizer");
        if (bert && Files.exists(config)) {
            JsonNode lower = ModelFolder.json(config).path("do_lower_case");
            if (lower.isBoolean()) {
                ((ObjectNode) root.path("normalizer")).put("lowercase", lower.booleanValue());
            }
        }
    }

    private static List<String> lines(Path file) {
        try {
            return RegularFiles.text(file, "a part of a tokenizer", LARGEST)
                    .lines()
                    .toList();
        } catch (CharacterCodingException e) {
            throw InputException.at(file, "bytes that are not UTF-8", "text", "Fetch the model again", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Byte-level pairs within words, lower-cased, each word ended by {@code </w>} (CLIPTokenizerFast). */
    private static JsonNode clip(JsonNode vocabulary, List<String> merges) {
        ObjectNode root = Json.object();
        ArrayNode added = root.putArray("added_tokens");
        special(added, vocabulary, "<|startoftext|>");
        special(added, vocabulary, "<|endoftext|>");
        ArrayNode normalizers =
                root.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        normalizers.addObject().put("type", "NFC");
        ObjectNode spaces = normalizers.addObject().put("type", "Replace").put("content", " ");
        spaces.putObject("pattern").put("Regex", "\\s+");
        normalizers.addObject().put("type", "Lowercase");
        ArrayNode cutters =
                root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        ObjectNode split = cutters.addObject()
                .put("type", "Split")
                .put("behavior", "Removed")
                .put("invert", true);
        split.putObject("pattern").put("Regex", CLIP_WORDS);
        cutters.addObject()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", true);
        ObjectNode ends = root.putObject("post_processor").put("type", "RobertaProcessing");
        ends.putArray("sep")
                .add("<|endoftext|>")
                .add(vocabulary.path("<|endoftext|>").asLong());
        ends.putArray("cls")
                .add("<|startoftext|>")
                .add(vocabulary.path("<|startoftext|>").asLong());
        ends.put("trim_offsets", false).put("add_prefix_space", false);
        ObjectNode model = root.putObject("model")
                .put("type", "BPE")
                .put("unk_token", "<|endoftext|>")
                .put("continuing_subword_prefix", "")
                .put("end_of_word_suffix", "</w>")
                .put("fuse_unk", false);
        model.set("vocab", vocabulary);
        ArrayNode pairs = model.putArray("merges");
        merges.stream()
                .filter(m -> !m.startsWith("#version") && m.contains(" "))
                .forEach(pairs::add);
        return root;
    }

    /** Pieces of words, lower-cased and without accents (BertTokenizerFast, uncased). */
    private static JsonNode bert(List<String> words) {
        ObjectNode root = Json.object();
        ObjectNode vocabulary = Json.object();
        for (int i = 0; i < words.size(); i++) {
            vocabulary.put(words.get(i), i);
        }
        ArrayNode added = root.putArray("added_tokens");
        for (String token : List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")) {
            special(added, vocabulary, token);
        }
        root.putObject("normalizer")
                .put("type", "BertNormalizer")
                .put("clean_text", true)
                .put("handle_chinese_chars", true)
                .put("lowercase", true)
                .putNull("strip_accents");
        root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        ObjectNode ends = root.putObject("post_processor").put("type", "BertProcessing");
        ends.putArray("sep").add("[SEP]").add(vocabulary.path("[SEP]").asLong());
        ends.putArray("cls").add("[CLS]").add(vocabulary.path("[CLS]").asLong());
        ObjectNode model = root.putObject("model")
                .put("type", "WordPiece")
                .put("unk_token", "[UNK]")
                .put("continuing_subword_prefix", "##")
                .put("max_input_chars_per_word", 100);
        model.set("vocab", vocabulary);
        return root;
    }

    private static void special(ArrayNode added, JsonNode vocabulary, String content) {
        if (vocabulary.has(content)) {
            added.addObject()
                    .put("id", vocabulary.path(content).asLong())
                    .put("content", content)
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
    }
}
