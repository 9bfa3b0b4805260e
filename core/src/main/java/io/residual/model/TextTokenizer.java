package io.residual.model;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A tokenizer read from {@code tokenizer.json}, with the model's context and padding. */
public final class TextTokenizer implements AutoCloseable {
    /** What to do with a text that has more tokens than the context holds. */
    public enum Overlong {
        /** Cut it before its end token, as the reference implementations do. */
        CUT,
        /** Refuse it: for a user's prompts, whose end may be what tells classes apart. */
        REFUSE
    }

    private final HuggingFaceTokenizer tokenizer;
    private final Path file;
    private final int context;
    private final long padding;

    private TextTokenizer(HuggingFaceTokenizer tokenizer, Path file, int context, long padding) {
        this.file = file;
        this.tokenizer = tokenizer;
        this.context = context;
        this.padding = padding;
    }

    /**
     * Reads a {@code tokenizer.json}.
     *
     * @param context tokens of a padded text
     * @param padding the id that fills it up
     */
    public static TextTokenizer open(Path file, int context, long padding) {
        if (!Files.exists(file)) {
            throw InputException.missing(file, "the model's tokenizer");
        }
        try {
            return new TextTokenizer(
                    HuggingFaceTokenizer.builder()
                            .optTokenizerPath(file)
                            .optTruncation(false)
                            .optPadding(false)
                            .optAddSpecialTokens(true)
                            .build(),
                    file,
                    context,
                    padding);
        } catch (IOException | RuntimeException e) {
            throw InputException.at(
                    file,
                    "an unreadable tokenizer (" + e.getMessage() + ")",
                    "a tokenizer.json",
                    "Fetch the model again",
                    e);
        }
    }

    /**
     * The id that transformers pads with: that of the pad token which {@code tokenizer_config.json} or, in older
     * uploads, {@code special_tokens_map.json} names.
     *
     * @param otherwise where neither does
     */
    public static long padding(Path folder, long otherwise) {
        for (String name : List.of("tokenizer_config.json", "special_tokens_map.json")) {
            Path file = folder.resolve(name);
            if (Files.exists(file)) {
                JsonNode token = ModelFolder.json(file).path("pad_token");
                String content = token.isTextual()
                        ? token.textValue()
                        : token.path("content").asText("");
                long id = content.isEmpty() ? -1 : id(folder.resolve("tokenizer.json"), content);
                if (id >= 0) {
                    return id;
                }
            }
        }
        return otherwise;
    }

    /** The id of a token's text, -1 for none. */
    private static long id(Path tokenizerFile, String token) {
        JsonNode root = ModelFolder.json(tokenizerFile);
        for (JsonNode added : root.path("added_tokens")) {
            if (added.path("content").asText().equals(token)) {
                return added.path("id").asLong(-1);
            }
        }
        return root.path("model").path("vocab").path(token).asLong(-1);
    }

    /** The id of a token by the text it has in the vocabulary, -1 for none. */
    public long id(String token) {
        return id(file, token);
    }

    /** Tokens of a padded text. */
    public int context() {
        return context;
    }

    /** Token ids of texts, padded to the context. */
    public TokenIds encode(List<String> texts, Overlong overlong) {
        long[] all = new long[texts.size() * context];
        int[] lengths = new int[texts.size()];
        Arrays.fill(all, padding);
        for (int i = 0; i < lengths.length; i++) {
            long[] ids = tokenizer.encode(texts.get(i)).getIds();
            if (ids.length > context) {
                if (overlong == Overlong.REFUSE) {
                    throw InputException.at(
                            "the text '" + texts.get(i) + "'",
                            ids.length + " tokens",
                            "at most " + context + ", begin and end included",
                            "Shorten the class name or the template");
                }
                ids[context - 1] = ids[ids.length - 1];
            }
            lengths[i] = Math.min(ids.length, context);
            System.arraycopy(ids, 0, all, i * context, lengths[i]);
        }
        return new TokenIds(all, lengths, context);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
