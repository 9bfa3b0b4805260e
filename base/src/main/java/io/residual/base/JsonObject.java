package io.residual.base;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object that a stranger may have written. Every entry is checked as it is taken out, with an error that names it; objects of
 * the program are made by their own constructors, never by reflection over what a file says.
 */
public final class JsonObject {
    private static final int DEEPEST = 16;
    private static final int SHOWN = 80;

    /** Brackets, names and values: each takes some hundred bytes of the heap, whatever it takes in the file. */
    private static final long TOKENS = 2_000_000;

    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES) // many names of one hash end the parser
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxNumberLength(40)
                            .maxTokenCount(TOKENS)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final JsonNode node;
    private final String where;
    private final String remedy;

    private JsonObject(JsonNode node, String where, String remedy) {
        this.node = node;
        this.where = where;
        this.remedy = remedy;
    }

    /**
     * Parses a text.
     *
     * @param where the file, for messages
     * @param remedy what the user can do if something is wrong, as for {@link InputException#at}
     * @throws InputException if it is no JSON, has an entry twice, is nested too deeply, or is no object
     */
    public static JsonObject parse(String json, Object where, String remedy) {
        try {
            JsonNode root = JSON.readTree(json);
            if (root == null || !root.isObject()) {
                throw InputException.at(where, shown(root), "a JSON object", remedy);
            }
            return new JsonObject(root, where.toString(), remedy);
        } catch (JsonProcessingException e) {
            throw InputException.at(where, "damaged JSON (" + e.getOriginalMessage() + ")", "JSON", remedy, e);
        }
    }

    /** Refuses entries of other names. */
    public JsonObject only(String... names) {
        Set<String> known = Set.of(names);
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            if (!known.contains(entry.getKey())) {
                throw InputException.at(
                        where, "an entry '" + cut(entry.getKey()) + "'", "one of " + Arrays.toString(names), remedy);
            }
        }
        return this;
    }

    /** Whether there is such an entry, and not null. */
    public boolean has(String name) {
        return node.hasNonNull(name);
    }

    /** A text. */
    public String text(String name) {
        JsonNode value = node.path(name);
        if (!value.isTextual()) {
            throw wrong(name, value, "a text");
        }
        return value.textValue();
    }

    /** A text, or null where there is none. */
    public @Nullable String textOrNull(String name) {
        return has(name) ? text(name) : null;
    }

    /** A whole number within bounds. */
    public int whole(String name, int least, int most) {
        long value = whole(name);
        if (value < least || value > most) {
            throw wrong(name, node.path(name), least + " to " + most);
        }
        return (int) value;
    }

    /** A whole number of 64 bits. */
    public long whole(String name) {
        JsonNode value = node.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrong(name, value, "a whole number");
        }
        return value.longValue();
    }

    /** A number; NaN and the infinities stand as texts, since JSON has none. */
    public double number(String name) {
        JsonNode value = node.path(name);
        if (value.isTextual() && List.of("NaN", "Infinity", "-Infinity").contains(value.textValue())) {
            return Double.parseDouble(value.textValue());
        }
        if (!value.isNumber()) {
            throw wrong(name, value, "a number");
        }
        return value.doubleValue();
    }

    /** A number within bounds, which NaN never is. */
    public double number(String name, double least, double most) {
        double value = number(name);
        if (!(value >= least && value <= most)) {
            throw wrong(name, node.path(name), "a number from " + least + " to " + most);
        }
        return value;
    }

    /** A number that is finite. */
    public double finite(String name) {
        double value = number(name);
        if (!Double.isFinite(value)) {
            throw wrong(name, node.path(name), "a finite number");
        }
        return value;
    }

    /** One of an enumeration's names. */
    public <E extends Enum<E>> E one(String name, Class<E> of) {
        String value = text(name);
        for (E constant : of.getEnumConstants()) {
            if (constant.name().equals(value)) {
                return constant;
            }
        }
        throw wrong(name, node.path(name), "one of " + Arrays.toString(of.getEnumConstants()));
    }

    /** Texts in order. */
    public List<String> texts(String name) {
        JsonNode value = node.path(name);
        if (!value.isArray()) {
            throw wrong(name, value, "a list of texts");
        }
        List<String> texts = new ArrayList<>(value.size());
        for (JsonNode item : value) {
            if (!item.isTextual()) {
                throw wrong(name, item, "texts only");
            }
            texts.add(item.textValue());
        }
        return texts;
    }

    /** Texts by name. */
    public Map<String, String> textsByName(String name) {
        JsonNode value = node.path(name);
        if (!value.isObject()) {
            throw wrong(name, value, "an object of texts");
        }
        Map<String, String> texts = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> item : value.properties()) {
            if (!item.getValue().isTextual()) {
                throw wrong(name, item.getValue(), "texts only");
            }
            texts.put(item.getKey(), item.getValue().textValue());
        }
        return texts;
    }

    /** An object. */
    public JsonObject object(String name) {
        JsonNode value = node.path(name);
        if (!value.isObject()) {
            throw wrong(name, value, "an object");
        }
        return new JsonObject(value, where + ", '" + name + "'", remedy);
    }

    /** Objects in order. */
    public List<JsonObject> objects(String name) {
        JsonNode value = node.path(name);
        List<JsonObject> objects = new ArrayList<>();
        for (JsonNode item : value) {
            objects.add(new JsonObject(item, where + ", '" + name + "'", remedy));
        }
        if (!value.isArray() || objects.stream().anyMatch(o -> !o.node.isObject())) {
            throw wrong(name, value, "a list of objects");
        }
        return objects;
    }

    private InputException wrong(String name, JsonNode value, String expected) {
        return InputException.at(where + ", '" + name + "'", shown(value), expected, remedy);
    }

    private static String shown(@Nullable JsonNode value) {
        return value == null || value.isMissingNode() ? "nothing" : cut(value.toString());
    }

    private static String cut(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
