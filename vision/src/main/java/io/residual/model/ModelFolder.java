package io.residual.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.RegularFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;

/** Reading the JSON files of a model's folder, with errors that name file, entry, value and what was expected. */
final class ModelFolder {
    private static final int LARGEST = 100_000_000;

    /**
     * Brackets, names and values of a file: each takes up to a hundred bytes of the heap, though it may take two in the file. Large
     * vocabularies with their merges have some two million, nothing else has a tenth of that.
     */
    private static final Json.Limits LIMITS = Json.Limits.FOREIGN.tokens(500_000);

    private static final Json.Limits VOCABULARY = Json.Limits.FOREIGN;
    private static final Set<String> VOCABULARIES = Set.of("tokenizer.json", "vocab.json");
    private static final int SHOWN = 80;
    private static final String ROLE = "a JSON file of the model";
    private static final String REMEDY = "Correct the file or fetch the model again";

    private ModelFolder() {}

    static JsonNode json(Path file) {
        try {
            boolean vocabulary = VOCABULARIES.contains(String.valueOf(file.getFileName()));
            JsonNode root = Json.parse(
                    new String(RegularFiles.bytes(file, ROLE, LARGEST), StandardCharsets.UTF_8),
                    vocabulary ? VOCABULARY : LIMITS);
            if (root == null || !root.isObject()) {
                throw InputException.at(file, "no JSON object", "one", REMEDY);
            }
            return root;
        } catch (NoSuchFileException e) {
            throw InputException.missing(file, ROLE);
        } catch (JsonProcessingException e) {
            throw InputException.at(file, "invalid JSON (" + e.getOriginalMessage() + ")", "JSON", REMEDY, e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** A value as a message shows it. */
    static String shown(JsonNode value) {
        String text = value.isMissingNode() ? "nothing" : Json.shown(value);
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }

    /** A positive integer, or {@code otherwise} where the entry is absent. */
    static int positive(Path file, JsonNode node, String key, int otherwise) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (value.isArray() && value.size() == 2 && value.path(0).equals(value.path(1))) {
            value = value.path(0); // height and width of a square
        }
        if (!isWhole(value) || value.doubleValue() <= 0) {
            throw InputException.at(file + ", '" + key + "'", Json.shown(value), "a positive whole number", REMEDY);
        }
        return value.intValue();
    }

    /** Whether it is a number of 32 bits without a fraction; some programs write 12.0. */
    private static boolean isWhole(JsonNode value) {
        return value.isNumber() && value.canConvertToInt() && value.doubleValue() == value.intValue();
    }

    /** A token's id, or {@code otherwise} where the entry is absent. */
    static long id(Path file, JsonNode node, String key, long otherwise) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!isWhole(value)) {
            throw InputException.at(file + ", '" + key + "'", Json.shown(value), "one token's id", REMEDY);
        }
        return value.intValue();
    }

    /** An object among the entries; nothing where it is absent. */
    static JsonNode part(Path file, JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (!value.isMissingNode() && !value.isNull() && !value.isObject()) {
            throw InputException.at(file + ", '" + key + "'", Json.shown(value), "an object", REMEDY);
        }
        return value;
    }

    /** A positive number, or {@code otherwise} where the entry is absent. */
    static double positive(Path file, JsonNode node, String key, double otherwise) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isNumber() || !(value.doubleValue() > 0)) {
            throw InputException.at(file + ", '" + key + "'", Json.shown(value), "a positive number", REMEDY);
        }
        return value.doubleValue();
    }

    /** A text, or {@code otherwise} where the entry is absent. */
    static String text(JsonNode node, String key, String otherwise) {
        JsonNode value = node.path(key);
        return value.isTextual() ? value.textValue() : otherwise;
    }

    /** Turns a shape that a configuration's record refuses into the user's error. */
    static ImageConfig imageConfig(
            Path file,
            int imageSize,
            int patchSize,
            int width,
            int layers,
            int heads,
            int shared,
            Activation activation) {
        try {
            return new ImageConfig(imageSize, patchSize, width, layers, heads, shared, activation);
        } catch (IllegalArgumentException e) {
            throw InputException.at(file, String.valueOf(e.getMessage()), "a consistent configuration", REMEDY, e);
        }
    }
}
