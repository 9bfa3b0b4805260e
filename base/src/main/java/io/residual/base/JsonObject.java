package io.residual.base;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An object of JSON, or of YAML, that anybody may have written. Every entry is checked as it is taken out, with an error that names it;
 * objects of the program are made by their own constructors, never by reflection over what a file says. An entry that is null is
 * not an entry that is missing.
 */
public final class JsonObject {
    private static final int SHOWN = 80;

    private final JsonNode node;
    private final String where;
    private final String remedy;
    private final boolean options;
    private final Map<String, String> formerly; // the former name, where an entry has one, for messages

    private JsonObject(JsonNode node, String where, String remedy) {
        this(node, where, remedy, false, Map.of());
    }

    private JsonObject(JsonNode node, String where, String remedy, boolean options, Map<String, String> formerly) {
        this.node = node;
        this.where = where;
        this.remedy = remedy;
        this.options = options;
        this.formerly = formerly;
    }

    /**
     * Parses a text.
     *
     * @param where the file, for messages
     * @param remedy the remedy of its errors, as for {@link InputException#at}
     * @throws InputException if it is no JSON, has an entry twice, is nested too deeply, or is no object
     */
    public static JsonObject parse(String json, Object where, String remedy) {
        try {
            JsonNode root = Json.parse(json, Json.Limits.OWN);
            if (root == null || !root.isObject()) {
                throw InputException.at(where, shown(root), "a JSON object", remedy);
            }
            return new JsonObject(root, where.toString(), remedy);
        } catch (JsonProcessingException e) {
            throw InputException.at(where, "damaged JSON (" + e.getOriginalMessage() + ")", "JSON", remedy, e);
        }
    }

    /**
     * Wraps a tree that was parsed elsewhere.
     *
     * @param where the file or setting that contains it, for messages
     */
    public static JsonObject of(JsonNode root, Object where, String remedy) {
        if (!root.isObject()) {
            throw InputException.at(where, shown(root), "names with values", remedy);
        }
        return new JsonObject(root, where.toString(), remedy);
    }

    /** Entries that were given as options of a command line, by their names without hyphens before them. */
    public static JsonObject ofOptions(Map<String, JsonNode> given) {
        return new JsonObject(
                new ObjectNode(JsonNodeFactory.instance, given), "the options", "Correct the option", true, Map.of());
    }

    /**
     * Refuses another document than one of a schema, or one of a version that this program does not read. Documents that were written
     * before they named their schema are taken as well; their keys have former names, see {@link #renamed}.
     */
    public JsonObject requireSchema(Schema schema) {
        boolean named = given(Schema.KEY);
        String former = schema.formerFormat();
        String is = named ? text(Schema.KEY) : former == null ? "" : text("format");
        long version = whole(Schema.VERSION);
        boolean known = is.equals(named ? schema.label() : former == null ? "" : former);
        if (!known || version != (named ? schema.version() : schema.formerVersion())) {
            String expected = schema.label() + " version " + schema.version();
            if (schema.formerVersion() > 0) {
                expected += " or " + (former == null ? "" : former + " ") + "version " + schema.formerVersion();
            }
            throw InputException.at(
                    place(known ? Schema.VERSION : named ? Schema.KEY : "format"),
                    (is.isEmpty() ? "" : "'" + cut(is) + "' ") + "version " + version,
                    expected,
                    remedy);
        }
        return this;
    }

    /**
     * The same with today's names for those of earlier versions; messages say the name that is there.
     *
     * @param former current names by former names
     * @throws InputException if an entry is there under both
     */
    public JsonObject renamed(Map<String, String> former) {
        ObjectNode renamed = JsonNodeFactory.instance.objectNode();
        Map<String, String> formerly = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            String name = former.getOrDefault(entry.getKey(), entry.getKey());
            if (renamed.has(name)) {
                throw InputException.at(
                        where, "'" + name + "' twice, once by a former name", "every name once", "Leave one out");
            }
            renamed.set(name, entry.getValue());
            if (!name.equals(entry.getKey())) {
                formerly.put(name, entry.getKey());
            }
        }
        return new JsonObject(renamed, where, remedy, options, Map.copyOf(formerly));
    }

    /** Refuses entries of other names. */
    public JsonObject only(String... names) {
        return only(Arrays.asList(names));
    }

    /** Refuses entries of other names. */
    public JsonObject only(Collection<String> names) {
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            if (!names.contains(entry.getKey())) {
                throw InputException.at(
                        where,
                        "an entry '" + cut(entry.getKey()) + "'",
                        "one of " + names,
                        Similar.remedy(entry.getKey(), names, remedy));
            }
        }
        return this;
    }

    /** The names of the entries, in order. */
    public List<String> names() {
        return node.properties().stream().map(Map.Entry::getKey).toList();
    }

    /** Whether there is an entry of this name, null included. */
    public boolean given(String name) {
        return node.has(name);
    }

    /** The error for an entry: the place, the value found, and the value expected. */
    public InputException wrong(String name, String expected) {
        return wrong(name, node.path(name), expected);
    }

    /** Makes something of these entries by a constructor that names a wrong one by {@code name: found …}; the place is added. */
    public <T> T making(Supplier<T> what) {
        try {
            return what.get();
        } catch (InputException e) {
            String message = String.valueOf(e.getMessage());
            boolean placed = message.startsWith(options ? "--" : where);
            if (placed) {
                throw e;
            }
            String prefix = options ? "--" : where + ", ";
            for (Map.Entry<String, String> each : formerly.entrySet()) {
                if (message.startsWith(each.getKey() + ":")) {
                    String rest = message.substring(each.getKey().length());
                    throw new InputException(prefix + each.getValue() + rest, e);
                }
            }
            throw e.in(prefix);
        }
    }

    /** A text that says something, or what else it is where there is none. */
    public String text(String name, String otherwise) {
        if (!given(name)) {
            return otherwise;
        }
        String text = text(name);
        if (text.isBlank()) {
            throw wrong(name, "a text");
        }
        return text;
    }

    /** A finite number, or what else it is where there is none. */
    public double number(String name, double otherwise) {
        if (!given(name)) {
            return otherwise;
        }
        return finite(name, node.path(name));
    }

    /**
     * The finite numbers of a list entry, in order.
     *
     * @throws InputException if an element is not a finite number
     */
    public List<Double> numbers(String name) {
        JsonNode value = node.path(name);
        if (!value.isArray() || value.isEmpty()) {
            throw wrong(name, value, "a list of numbers, such as [1.0, 0.1]");
        }
        List<Double> numbers = new ArrayList<>(value.size());
        for (JsonNode item : value) {
            numbers.add(finite(name, item));
        }
        return numbers;
    }

    private double finite(String name, JsonNode value) {
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw wrong(name, value, "a finite number");
        }
        return value.doubleValue();
    }

    /** A whole number within bounds, or what else it is where there is none. */
    public int whole(String name, int least, int most, int otherwise) {
        return given(name) ? whole(name, least, most) : otherwise;
    }

    /** A whole number of 64 bits, or what else it is where there is none. */
    public long whole(String name, long otherwise) {
        return given(name) ? whole(name) : otherwise;
    }

    /** True or false, or what else it is where there is none. */
    public boolean flag(String name, boolean otherwise) {
        JsonNode value = node.path(name);
        if (!given(name)) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            throw wrong(name, value, "true or false");
        }
        return value.booleanValue();
    }

    /** One of an enumeration's constants by the name that users write (small letters, hyphens), or what else it is. */
    public <E extends Enum<E>> E choice(String name, Class<E> of, E otherwise) {
        if (!given(name)) {
            return otherwise;
        }
        List<String> known = new ArrayList<>();
        String value = node.path(name).isTextual() ? text(name) : "";
        for (E constant : of.getEnumConstants()) {
            String spelt = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (spelt.equals(value)) {
                return constant;
            }
            known.add(spelt);
        }
        throw InputException.at(
                place(name), shown(node.path(name)), String.join(" or ", known), Similar.remedy(value, known, remedy));
    }

    /** The values of a list, whatever they are. */
    public List<JsonNode> list(String name) {
        JsonNode value = node.path(name);
        if (!value.isArray() || value.isEmpty()) {
            throw wrong(name, value, "a list with at least one entry");
        }
        List<JsonNode> items = new ArrayList<>(value.size());
        value.forEach(items::add);
        return items;
    }

    /** Whether there is an entry of this name that is not null. */
    public boolean has(String name) {
        return node.hasNonNull(name);
    }

    /**
     * The text of an entry.
     *
     * @throws InputException if it is missing or no text
     */
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

    /**
     * The integer of an entry, within bounds.
     *
     * @throws InputException if it is missing, no integer, or out of bounds
     */
    public int whole(String name, int least, int most) {
        long value = whole(name);
        if (value < least || value > most) {
            throw wrong(name, node.path(name), least + " to " + most);
        }
        return (int) value;
    }

    /**
     * The 64-bit integer of an entry.
     *
     * @throws InputException if it is missing or no integer
     */
    public long whole(String name) {
        JsonNode value = node.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrong(name, value, "a whole number");
        }
        return value.longValue();
    }

    /** A number; null is NaN. Earlier versions wrote NaN and the infinities as texts. */
    public double number(String name) {
        JsonNode value = node.path(name);
        if (value.isNull()) {
            return Double.NaN;
        }
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

    /**
     * The finite number of an entry.
     *
     * @throws InputException if it is missing or not finite
     */
    public double finite(String name) {
        double value = number(name);
        if (!Double.isFinite(value)) {
            throw wrong(name, node.path(name), "a finite number");
        }
        return value;
    }

    /**
     * The constant of an enumeration that an entry names.
     *
     * @throws InputException if it names none
     */
    public <E extends Enum<E>> E one(String name, Class<E> of) {
        String value = text(name);
        for (E constant : of.getEnumConstants()) {
            if (constant.name().equals(value)) {
                return constant;
            }
        }
        throw wrong(name, node.path(name), "one of " + Arrays.toString(of.getEnumConstants()));
    }

    /**
     * The texts of a list entry, in order.
     *
     * @throws InputException if an element is no text
     */
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

    /**
     * The texts of an object entry, by name.
     *
     * @throws InputException if a value is no text
     */
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

    /**
     * The object of an entry.
     *
     * @throws InputException if it is missing or no object
     */
    public JsonObject object(String name) {
        JsonNode value = node.path(name);
        if (!value.isObject()) {
            throw wrong(name, value, "an object");
        }
        return new JsonObject(value, place(name), remedy);
    }

    /** An object; one without entries where there is none. */
    public JsonObject objectOrEmpty(String name) {
        return given(name) ? object(name) : new JsonObject(JsonNodeFactory.instance.objectNode(), place(name), remedy);
    }

    /**
     * The objects of a list entry, in order.
     *
     * @throws InputException if an element is no object
     */
    public List<JsonObject> objects(String name) {
        JsonNode value = node.path(name);
        List<JsonObject> objects = new ArrayList<>();
        for (JsonNode item : value) {
            objects.add(new JsonObject(item, place(name), remedy));
        }
        if (!value.isArray() || objects.stream().anyMatch(o -> !o.node.isObject())) {
            throw wrong(name, value, "a list of objects");
        }
        return objects;
    }

    /** The place of an entry, for messages. */
    public String place(String name) {
        return options ? "--" + name : where + ", '" + formerly.getOrDefault(name, name) + "'";
    }

    private InputException wrong(String name, JsonNode value, String expected) {
        return InputException.at(place(name), shown(value), expected, remedy);
    }

    private static String shown(@Nullable JsonNode value) {
        return value == null || value.isMissingNode() ? "nothing" : cut(Json.shown(value));
    }

    private static String cut(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
