package io.residual.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.TextFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The prompts of the classes: every class name in every template. Immutable.
 *
 * @param classes one name per class, in the order of the labels
 * @param templates texts with {@code {}} for the class name
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
     * Returns these prompts if they differ between all classes; tokenizers drop capitals.
     *
     * @param where the source of the names, for the message
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
            JsonNode root = Json.parse(
                    TextFiles.read(file, "a JSON file with class names and templates", LARGEST), Json.Limits.OWN);
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

    /** The stored form, a part of a document. */
    public ObjectNode json() {
        ObjectNode node = Json.object();
        node.set("classes", Json.of(classes));
        node.set("templates", Json.of(templates));
        return node;
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
                    file + ", '" + key + "'", Json.shown(node), "a list of texts, none empty", "Correct the file");
        }
        return out;
    }
}
