package io.residual.description;

import io.residual.base.InputException;
import io.residual.base.TextFiles;
import io.residual.model.ImageTextModel;
import io.residual.model.TextTokenizer.Overlong;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Texts with their directions in the shared space.
 *
 * @param texts M of them
 * @param directions [M, D], rows of unit length
 */
public record Dictionary(List<String> texts, double[] directions) {
    public Dictionary {
        texts = List.copyOf(texts);
        if (texts.isEmpty() || directions.length % texts.size() != 0) {
            throw new IllegalArgumentException(directions.length + " numbers for " + texts.size() + " texts");
        }
    }

    private static final int LARGEST = 64 << 20;

    /** The sentences that ship: themes from colours to styles, built from word lists by golden/make_dictionary.py. */
    public static List<String> shippedTexts() {
        try (InputStream in = Dictionary.class.getResourceAsStream("dictionary.txt")) {
            byte[] bytes = Objects.requireNonNull(in, "the program lacks its resource dictionary.txt")
                    .readAllBytes();
            return sentences(new String(bytes, StandardCharsets.UTF_8), "the dictionary that ships");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The sentences of a user's file: one a line; empty lines and lines that begin with # are left out. */
    public static List<String> textsOf(Path file) {
        return sentences(TextFiles.read(file, "a text file with a sentence a line", LARGEST), file);
    }

    private static List<String> sentences(String content, Object where) {
        List<String> sentences = content.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .distinct()
                .toList();
        if (sentences.isEmpty()) {
            throw InputException.at(where, "no sentences", "at least one line of text", "Add sentences, one a line");
        }
        return sentences;
    }

    /** Sentences with their directions under a model; one that is too long is cut, as the references do. */
    public static Dictionary of(List<String> texts, ImageTextModel model) {
        return of(texts, model.encodeTexts(texts, Overlong.CUT));
    }

    /** A dictionary of embeddings of any length. {@code embeddings} [M, D]. */
    public static Dictionary of(List<String> texts, float[] embeddings) {
        int d = embeddings.length / texts.size();
        double[] rows = new double[embeddings.length];
        for (int i = 0; i < texts.size(); i++) {
            double square = 0;
            for (int j = 0; j < d; j++) {
                square += (double) embeddings[i * d + j] * embeddings[i * d + j];
            }
            if (!(square > 0) || !Double.isFinite(square)) {
                throw InputException.at(
                        "the text '" + texts.get(i) + "'",
                        "an embedding of length " + Math.sqrt(square),
                        "a direction",
                        "Leave the text out, or check the model (residual self-check)");
            }
            for (int j = 0; j < d; j++) {
                rows[i * d + j] = embeddings[i * d + j] / Math.sqrt(square);
            }
        }
        return new Dictionary(texts, rows);
    }

    /** D, the width of the text embeddings. */
    public int width() {
        return directions.length / texts.size();
    }
}
