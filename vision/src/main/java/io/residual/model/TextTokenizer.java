package io.residual.model;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A tokenizer read from {@code tokenizer.json}, with the model's context, padding and what is done to a text before. */
public final class TextTokenizer implements AutoCloseable {
    private static final String REPORTS_NOTHING = "OPT_OUT_TRACKING";

    /** The treatment of texts with more tokens than the context. */
    public enum Overlong {
        /** Cut it as the reference implementations do: before its end token; SigLIP's anywhere. */
        CUT,
        /** Refuse it: for a user's prompts, whose end may be what tells classes apart. */
        REFUSE
    }

    static {
        // Otherwise the library, where it finds itself in a certain cloud, reports its use to its makers.
        if (System.getProperty(REPORTS_NOTHING) == null) {
            System.setProperty(REPORTS_NOTHING, "true");
        }
    }

    /** Turns a cleaned text into ids, begin and end included. */
    private interface Words extends AutoCloseable {
        long[] ids(String text);

        @Override
        default void close() {}
    }

    private final Words words;
    private final TextCleaning cleaning;
    private final Path folder;
    private final int context;
    private final long padding;
    private final boolean endKept;
    private final List<String> warnings;

    private TextTokenizer(Words words, TextCleaning cleaning, Path folder, int context, long padding) {
        this(words, cleaning, folder, context, padding, true, List.of());
    }

    private TextTokenizer(
            Words words,
            TextCleaning cleaning,
            Path folder,
            int context,
            long padding,
            boolean endKept,
            List<String> warnings) {
        this.words = words;
        this.cleaning = cleaning;
        this.folder = folder;
        this.context = context;
        this.padding = padding;
        this.endKept = endKept;
        this.warnings = List.copyOf(warnings);
    }

    /**
     * Reads SigLIP's or SigLIP 2's tokenizer: an end token, filled up to the context. A text that is longer is cut after the
     * context's last token, and loses its end.
     *
     * @param context tokens of a padded text
     * @param padding the id to fill up with, where no file names a pad token
     */
    public static TextTokenizer siglip(Path folder, int context, long padding) {
        List<String> warnings = new ArrayList<>();
        JsonNode json = TokenizerFiles.readPieces(folder, warnings);
        return new TextTokenizer(
                library(folder, json),
                TextCleaning.NONE,
                folder,
                context,
                padding(folder, json, "</s>", padding),
                false,
                warnings);
    }

    /** What is not as the model was trained, though it can be used: sentences for the user. */
    List<String> warnings() {
        return warnings;
    }

    /**
     * Reads the tokenizer of a folder in open_clip's layout: {@code tokenizer.json}, or the files that stood for it in older
     * uploads. Texts are filled up with 0, and byte pairs made as open_clip's own tokenizer makes them.
     *
     * @param context tokens of a padded text
     */
    public static TextTokenizer openClip(Path folder, int context, TextCleaning cleaning) {
        JsonNode json = TokenizerFiles.read(folder);
        ClipBytePairs pairs = ClipBytePairs.of(folder, json);
        return new TextTokenizer(pairs == null ? library(folder, json) : pairs::ids, cleaning, folder, context, 0);
    }

    /**
     * Reads a folder's tokenizer as transformers does, and fills up as it does: with the pad token which {@code
     * tokenizer_config.json} or, in older uploads, {@code special_tokens_map.json} names.
     *
     * @param context tokens of a padded text
     * @param token the family's own pad token, where neither file names one
     * @param otherwise the id, where the vocabulary does not have that
     */
    public static TextTokenizer open(Path folder, int context, TextCleaning cleaning, String token, long otherwise) {
        JsonNode json = TokenizerFiles.read(folder);
        return new TextTokenizer(
                library(folder, json), cleaning, folder, context, padding(folder, json, token, otherwise));
    }

    private static Words library(Path folder, JsonNode json) {
        try (InputStream in = new ByteArrayInputStream(Json.line(json).getBytes(StandardCharsets.UTF_8))) {
            HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(
                    in, Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "true"));
            return new Words() {
                @Override
                public long[] ids(String text) {
                    return tokenizer.encode(text).getIds();
                }

                @Override
                public void close() {
                    tokenizer.close();
                }
            };
        } catch (IOException | RuntimeException e) {
            throw InputException.at(
                    folder.resolve("tokenizer.json"),
                    "an unreadable tokenizer (" + e.getMessage() + ")",
                    "a tokenizer.json",
                    "Fetch the model again",
                    e);
        }
    }

    private static long padding(Path folder, JsonNode tokenizer, String token, long otherwise) {
        for (String name : List.of("tokenizer_config.json", "special_tokens_map.json")) {
            Path file = folder.resolve(name);
            if (Files.exists(file)) {
                JsonNode named = ModelFolder.json(file).path("pad_token");
                String content = named.isTextual()
                        ? named.textValue()
                        : named.path("content").asText("");
                long id = content.isEmpty() ? -1 : id(tokenizer, content);
                if (id >= 0) {
                    return id;
                }
            }
        }
        long own = id(tokenizer, token);
        return own >= 0 ? own : otherwise;
    }

    /** The id of a token's text, -1 for none. */
    static long id(JsonNode root, String token) {
        for (JsonNode added : root.path("added_tokens")) {
            if (added.path("content").asText().equals(token)) {
                return added.path("id").asLong(-1);
            }
        }
        return root.path("model").path("vocab").path(token).asLong(-1);
    }

    /** The ids of tokens by the texts they have in the vocabulary, -1 for none; reads the tokenizer's files again. */
    public List<Long> ids(List<String> tokens) {
        JsonNode json = TokenizerFiles.read(folder);
        return tokens.stream().map(t -> id(json, t)).toList();
    }

    /** The context length: tokens of a padded text. */
    public int context() {
        return context;
    }

    /** Token ids of texts, padded to the context. */
    public TokenIds encode(List<String> texts, Overlong overlong) {
        long[] all = new long[texts.size() * context];
        int[] lengths = new int[texts.size()];
        Arrays.fill(all, padding);
        for (int i = 0; i < lengths.length; i++) {
            long[] ids = ids(texts.get(i));
            if (ids.length > context) {
                if (overlong == Overlong.REFUSE) {
                    throw InputException.at(
                            "the text '" + texts.get(i) + "'",
                            ids.length + " tokens",
                            "at most " + context + ", begin and end included",
                            "Shorten the class name or the template");
                }
                if (endKept) {
                    ids[context - 1] = ids[ids.length - 1];
                }
            }
            lengths[i] = Math.min(ids.length, context);
            System.arraycopy(ids, 0, all, i * context, lengths[i]);
        }
        return new TokenIds(all, lengths, context);
    }

    private long[] ids(String text) {
        String cleaned = cleaning.clean(text);
        if (cleaned.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw InputException.at(
                    "the text '" + text + "'",
                    "half of a surrogate pair",
                    "whole characters",
                    "Write it again in UTF-8");
        }
        long[] ids;
        try {
            ids = words.ids(cleaned);
        } catch (InputException e) {
            throw e;
        } catch (RuntimeException e) {
            throw broken("a tokenizer that fails (" + e.getMessage() + ")", text, e);
        }
        if (ids.length == 0) {
            throw broken("no tokens", text, null);
        }
        return ids;
    }

    private InputException broken(String found, String text, @Nullable RuntimeException e) {
        return InputException.at(
                folder + ", the text '" + text + "'", found, "at least one token", "Fetch the tokenizer again", e);
    }

    @Override
    public void close() {
        words.close();
    }
}
