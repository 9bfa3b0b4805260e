package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Accepts only the parts that the tokenizers of the supported families consist of. The native library that reads {@code
 * tokenizer.json} ends the whole process on some settings, and takes forever on others (a pattern that backtracks,
 * replacements that double a text again and again), so an untrusted file is checked before it gets there.
 */
final class TokenizerGuard {
    private static final int LONGEST_SEQUENCE = 8;
    private static final Set<String> MODELS = Set.of("BPE", "WordPiece", "WordLevel", "Unigram");
    private static final Set<String> NORMALIZERS =
            Set.of("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "BertNormalizer", "StripAccents", "Strip", "Replace");
    private static final Set<String> PRE_TOKENIZERS = Set.of(
            "ByteLevel", "BertPreTokenizer", "Whitespace", "WhitespaceSplit", "Punctuation", "Split", "Metaspace");
    private static final Set<String> POST_PROCESSORS =
            Set.of("TemplateProcessing", "RobertaProcessing", "BertProcessing", "ByteLevel");

    /** Patterns that take time in proportion to a text, as the supported families have them. */
    private static final Set<String> PATTERNS = Set.of(
            "\\s+",
            TokenizerFiles.CLIP_WORDS,
            TokenizerFiles.CLIP_WORDS.replace("<\\|startoftext\\|>|<\\|endoftext\\|>|", ""));

    /** A set of punctuation, as SigLIP drops it: single characters, escaped or not, and nothing that nests or repeats. */
    private static final Pattern PUNCTUATION =
            Pattern.compile("\\[(?:\\\\\\p{Punct}|[\\p{Punct}&&[^\\\\\\[\\]^-]]|(?<!\\[)\\^)+\\]");

    private final Path file;

    private TokenizerGuard(Path file) {
        this.file = file;
    }

    /**
     * Checks a tokenizer.
     *
     * @throws InputException if a part of it is not among those that are known
     */
    static void check(Path file, JsonNode tokenizer) {
        TokenizerGuard guard = new TokenizerGuard(file);
        guard.part(tokenizer.path("normalizer"), "normalizer", "normalizers", NORMALIZERS);
        guard.part(tokenizer.path("pre_tokenizer"), "pre_tokenizer", "pretokenizers", PRE_TOKENIZERS);
        guard.part(tokenizer.path("post_processor"), "post_processor", "processors", POST_PROCESSORS);
        JsonNode model = tokenizer.path("model");
        guard.type(model, "model", MODELS);
        boolean pieces = model.path("type").asText().equals("BPE");
        JsonNode prefix = model.path("continuing_subword_prefix");
        guard.require(
                !pieces || prefix.asText("").isEmpty() || prefix.isNull(), "model", prefix, "no prefix of pieces");
        if (model.path("type").asText().equals("Unigram")) {
            guard.unigram(model);
        }
        guard.require(model.path("dropout").asDouble(0) == 0, "model", model.path("dropout"), "no dropout");
    }

    /** Pieces with their logarithms, one of which stands for the unknown. */
    private void unigram(JsonNode model) {
        JsonNode pieces = model.path("vocab");
        require(pieces.isArray() && !pieces.isEmpty(), "model", pieces, "pieces, each with a number");
        for (JsonNode piece : pieces) {
            boolean sound = piece.isArray()
                    && piece.size() == 2
                    && piece.path(0).isTextual()
                    && !piece.path(0).textValue().isEmpty()
                    && piece.path(1).isNumber()
                    && Double.isFinite(piece.path(1).doubleValue());
            require(sound, "model", piece, "a piece and its number");
        }
        JsonNode unknown = model.path("unk_id");
        require(
                unknown.isInt() && unknown.intValue() >= 0 && unknown.intValue() < pieces.size(),
                "model",
                unknown,
                "the place of the unknown among the pieces ('unk_id')");
    }

    private void part(JsonNode part, String name, String list, Set<String> known) {
        if (part.isMissingNode() || part.isNull()) {
            return;
        }
        if (part.path("type").asText().equals("Sequence")) {
            JsonNode parts = part.path(list);
            require(parts.isArray() && parts.size() <= LONGEST_SEQUENCE, name, parts, "at most 8 parts in a row");
            parts.forEach(one -> single(one, name, known));
        } else {
            single(part, name, known);
        }
    }

    private void single(JsonNode part, String name, Set<String> known) {
        type(part, name, known);
        JsonNode pattern = part.path("pattern");
        if (!pattern.isMissingNode()) {
            String regex = pattern.path("Regex").asText("\\s+");
            boolean usual =
                    PATTERNS.contains(regex) || PUNCTUATION.matcher(regex).matches();
            require(pattern.isObject() && usual, name, pattern, "a pattern of CLIP's, BERT's or SigLIP's");
        }
        String content = part.path("content").asText("");
        String literal = pattern.path("String").asText(" ");
        require(
                content.length() <= 1 && content.length() <= literal.length(),
                name,
                part.path("content"),
                "a replacement of one character or none");
    }

    private void type(JsonNode part, String name, Set<String> known) {
        require(known.contains(part.path("type").asText()), name, part.path("type"), "one of " + known);
    }

    private void require(boolean right, String name, JsonNode found, String expected) {
        if (!right) {
            throw InputException.at(
                    file + ", '" + name + "'",
                    ModelFolder.shown(found),
                    expected,
                    "Tokenizers of this kind are not supported; use the one of the original model");
        }
    }
}
