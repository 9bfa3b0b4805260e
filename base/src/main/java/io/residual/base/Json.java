package io.residual.base;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The program's one writer of JSON, and the parsers that its readers share ({@link JsonObject} checks what they give).
 *
 * <p>Every key is written out where a document is made: nothing is named by reflection, so that renaming a field of the program
 * changes no file. Numbers are the shortest that read back as the same; NaN and the infinities, which JSON has not, are {@code null}.
 * Keys stand in the order in which they were put, those of a map without an order of its own in alphabetical order. Lines end in
 * {@code \n} on every system. What a document is begins with {@link Schema#document}.
 *
 * <p>All methods may be called from any thread.
 */
public final class Json {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private static final ObjectMapper WRITER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER) // Java 17's own is not always the shortest
                    .addDecorator((factory, generator) -> new FiniteNumbers(generator))
                    .build())
            .build();

    private static final PrettyPrinter PRETTY =
            new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));

    private static final Map<Limits, ObjectMapper> READERS = new ConcurrentHashMap<>();

    private Json() {}

    /** NaN and the infinities become null. */
    private static final class FiniteNumbers extends JsonGeneratorDelegate {
        FiniteNumbers(JsonGenerator to) {
            super(to, false);
        }

        @Override
        public void writeNumber(double value) throws IOException {
            if (Double.isFinite(value)) {
                delegate.writeNumber(value);
            } else {
                delegate.writeNull();
            }
        }

        @Override
        public void writeNumber(float value) throws IOException {
            if (Float.isFinite(value)) {
                delegate.writeNumber(value);
            } else {
                delegate.writeNull();
            }
        }
    }

    /** An object without entries yet, which is a part of a document; a document itself is {@link Schema#document}. */
    public static ObjectNode object() {
        return NODES.objectNode();
    }

    /** A list without items yet. */
    public static ArrayNode array() {
        return NODES.arrayNode();
    }

    /**
     * A value as a tree: null, texts, numbers, truth values, enumeration constants by name, trees, and collections, arrays and maps of
     * those.
     *
     * @throws IllegalArgumentException for anything else, records above all: their keys are written out where they are made
     */
    public static JsonNode of(@Nullable Object value) {
        if (value == null) {
            return NODES.nullNode();
        } else if (value instanceof JsonNode node) {
            return node;
        } else if (value instanceof CharSequence text) {
            return NODES.textNode(text.toString());
        } else if (value instanceof Enum<?> constant) {
            return NODES.textNode(constant.name());
        } else if (value instanceof Boolean flag) {
            return NODES.booleanNode(flag);
        } else if (value instanceof Float number) {
            return NODES.numberNode(number.floatValue());
        } else if (value instanceof Double number) {
            return NODES.numberNode(number.doubleValue());
        } else if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return NODES.numberNode(((Number) value).intValue());
        } else if (value instanceof Long number) {
            return NODES.numberNode(number.longValue());
        } else if (value instanceof BigInteger number) {
            return NODES.numberNode(number);
        } else if (value instanceof Collection<?> items) {
            ArrayNode array = NODES.arrayNode(items.size());
            items.forEach(item -> array.add(of(item)));
            return array;
        } else if (value instanceof Map<?, ?> entries) {
            ObjectNode object = NODES.objectNode();
            ordered(entries).forEach((name, item) -> object.set(String.valueOf(name), of(item)));
            return object;
        } else if (value.getClass().isArray()) {
            int length = java.lang.reflect.Array.getLength(value);
            ArrayNode array = NODES.arrayNode(length);
            for (int i = 0; i < length; i++) {
                array.add(of(java.lang.reflect.Array.get(value, i)));
            }
            return array;
        }
        throw new IllegalArgumentException("no JSON for " + value.getClass().getName() + ": put its entries by name");
    }

    private static Map<?, ?> ordered(Map<?, ?> entries) {
        return entries instanceof SortedMap || entries instanceof LinkedHashMap ? entries : new TreeMap<>(entries);
    }

    /** On one line, without an end of line. */
    public static String line(JsonNode node) {
        try {
            return WRITER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** On one line, for messages about what was read: NaN and the infinities, which some programs write, are shown. */
    public static String shown(JsonNode node) {
        return node.toString();
    }

    /** Indented, for people who read it too; without an end of line after it. */
    public static String pretty(JsonNode node) {
        try {
            return WRITER.writer(PRETTY).writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The content of a file: indented, with an end of line. */
    public static String file(JsonNode node) {
        return pretty(node) + "\n";
    }

    /**
     * What a text from elsewhere may ask of the parser; each bracket, name and value takes some hundred bytes of the heap, whatever it takes
     * in the file.
     *
     * @param depth brackets within brackets
     * @param number characters of a number
     * @param tokens brackets, names and values
     * @param python whether NaN and Infinity are numbers, as Python writes them, and an entry may be there twice, as Python reads it
     */
    public record Limits(int depth, int number, long tokens, boolean python) {
        /** What this program wrote, or users write for it. */
        public static final Limits OWN = new Limits(16, 40, 2_000_000, false);

        /** What other programs wrote. */
        public static final Limits FOREIGN = new Limits(64, 1000, 4_000_000, true);

        /** The same with another number of tokens. */
        public Limits tokens(long most) {
            return new Limits(depth, number, most, python);
        }
    }

    private static ObjectMapper reader(Limits limits) {
        return JsonMapper.builder(JsonFactory.builder()
                        .configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION, !limits.python)
                        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES) // many names of one hash end the parser
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(limits.depth)
                                .maxNumberLength(limits.number)
                                .maxTokenCount(limits.tokens)
                                .build())
                        .build())
                .configure(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS, limits.python)
                .disable(JsonParser.Feature.AUTO_CLOSE_SOURCE)
                .build();
    }

    /**
     * Parses a text; missing where there is nothing in it.
     *
     * @throws JsonProcessingException if it is no JSON, or asks more than the limits allow
     */
    public static JsonNode parse(String text, Limits limits) throws JsonProcessingException {
        return READERS.computeIfAbsent(limits, Json::reader)
                .reader(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .readTree(text);
    }

    /** The same of a text in UTF-8. */
    public static JsonNode parse(byte[] text, Limits limits) throws JsonProcessingException {
        return parse(new String(text, StandardCharsets.UTF_8), limits);
    }

    /** The same piece by piece, for headers that are too large to be kept; {@link JsonParser#readValueAsTree} gives a part. */
    public static JsonParser parser(Reader text, Limits limits) throws IOException {
        return READERS.computeIfAbsent(limits, Json::reader).createParser(text);
    }
}
