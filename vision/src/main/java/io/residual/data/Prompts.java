package io.residual.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.base.InputException;
import io.residual.base.TextFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the classes are put into words: every class name in every template.
 *
 * @param classes one name a class, in the order of the labels
 * @param templates texts with {@code {}} where the name goes
 */
public record Prompts(List<String> classes, List<String> templates) {
    private static final int LARGEST = 64 << 20;

    /** Templates that suit photographs of things. */
    public static final List<String> PHOTO_TEMPLATES =
            List.of("a photo of a {}.", "a blurry photo of a {}.", "a photo of the {}.", "a picture of a {}.", "{}");

    public Prompts {
        classes = List.copyOf(classes);
        templates = List.copyOf(templates);
        if (classes.isEmpty() || templates.isEmpty()) {
            throw new InputException("prompts need at least one class name and one template, found " + classes.size()
                    + " and " + templates.size());
        }
        ClassNames.requireDistinct("the classes", classes);
        for (String template : templates) {
            if (!template.contains("{}")) {
                throw new InputException("the template '" + template + "' has no {} where the class name goes");
            }
        }
    }

    /**
     * The same, if texts alone can tell the classes apart: tokenizers drop capitals.
     *
     * @param where the names come from, for an error
     * @throws InputException if two names differ in capitals alone
     */
    public Prompts requireTellable(Object where) {
        List<String> notes = ClassNames.notes(classes);
        if (!notes.isEmpty()) {
            throw InputException.at(
                    where, notes.get(0), "names that differ in more than capitals", "Give other words for one of them");
        }
        return this;
    }

    /** The texts of one class, a template each. */
    public List<String> texts(int label) {
        return templates.stream().map(t -> t.replace("{}", classes.get(label))).toList();
    }

    /**
     * These prompts with what a file says instead: JSON, {@code {"classes": ["cat", …], "templates": ["a photo of a
     * {}", …]}}, either part optional.
     */
    public Prompts overriddenBy(@Nullable Path file) {
        if (file == null) {
            return this;
        }
        try {
            JsonNode root = new ObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(TextFiles.read(file, "a JSON file with class names and templates", LARGEST));
            if (root == null || !root.isObject()) {
                throw InputException.at(
                        file, "no JSON object", "{\"classes\": [...], \"templates\": [...]}", "Correct the file");
            }
            List<String> names = strings(file, root, "classes", classes);
            if (names.size() != classes.size()) {
                throw InputException.at(
                        file,
                        names.size() + " class names",
                        classes.size() + ", one for each of " + classes,
                        "List a name for every class, in that order");
            }
            return new Prompts(names, strings(file, root, "templates", templates));
        } catch (JsonProcessingException e) {
            throw InputException.at(
                    file, "invalid JSON (" + e.getOriginalMessage() + ")", "JSON", "Correct the file", e);
        }
    }

    private static List<String> strings(Path file, JsonNode root, String key, List<String> otherwise) {
        JsonNode node = root.path(key);
        if (node.isMissingNode()) {
            return otherwise;
        }
        List<String> out = new ArrayList<>();
        boolean texts = node.isArray();
        for (JsonNode item : node) {
            texts &= item.isTextual();
            out.add(item.asText());
        }
        if (!texts || out.isEmpty() || out.stream().anyMatch(String::isBlank)) {
            throw InputException.at(
                    file + ", '" + key + "'", node.toString(), "a list of texts, none empty", "Correct the file");
        }
        return out;
    }
}
