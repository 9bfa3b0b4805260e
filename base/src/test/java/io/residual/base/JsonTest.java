package io.residual.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    private enum Side {
        LEFT
    }

    private record Named(String name) {}

    @Test
    void numbersThatAreNone_areNull() throws JsonProcessingException {
        ObjectNode node = Json.object().put("a", Double.NaN).put("b", Float.POSITIVE_INFINITY);
        node.set("c", Json.of(new double[] {1, Double.NEGATIVE_INFINITY}));
        assertEquals("{\"a\":null,\"b\":null,\"c\":[1.0,null]}", Json.line(node));
        assertEquals("{\n  \"a\" : null,\n  \"b\" : null,\n  \"c\" : [ 1.0, null ]\n}", Json.pretty(node));
        JsonObject read = JsonObject.parse(Json.line(node), "here", "Mend it");
        assertTrue(Double.isNaN(read.number("a")));
        assertThrows(InputException.class, () -> read.finite("a"));
    }

    /** Which Java before 19 does not always write: 2^-44 is among those that it writes with a digit too many. */
    @Test
    void doubles_areTheShortestThatReadBackAsTheSame() {
        List<Double> values = new ArrayList<>(List.of(4 * Double.MIN_VALUE, Math.scalb(1.0, -44), .1, 1 / 3.0));
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                values.add(value);
            }
        }
        for (double value : values) {
            String text = Json.line(Json.of(value));
            assertEquals(value, Double.parseDouble(text), text);
            BigDecimal decimal = new BigDecimal(text).stripTrailingZeros();
            if (decimal.precision() > 1) {
                for (RoundingMode mode : List.of(RoundingMode.DOWN, RoundingMode.UP)) {
                    BigDecimal shorter = decimal.round(new MathContext(decimal.precision() - 1, mode));
                    assertTrue(shorter.doubleValue() != value, text + " could be " + shorter);
                }
            }
        }
    }

    @Test
    void floats_haveTheirOwnDigits() {
        assertEquals("[0.1,0.48145467]", Json.line(Json.of(new float[] {.1f, .48145467f})));
    }

    @Test
    void of_takesPlainValues_andNoRecords() {
        Map<String, Object> unordered = new HashMap<>(Map.of("b", 1, "a", Side.LEFT, "c", List.of(true, 2L)));
        assertEquals("{\"a\":\"LEFT\",\"b\":1,\"c\":[true,2]}", Json.line(Json.of(unordered)));
        Map<String, Object> ordered = new LinkedHashMap<>();
        ordered.put("z", null);
        ordered.put("y", "x");
        assertEquals("{\"z\":null,\"y\":\"x\"}", Json.line(Json.of(ordered)));
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> Json.of(List.of(new Named("n"))));
        assertTrue(String.valueOf(refused.getMessage()).contains("Named"));
    }

    @Test
    void document_beginsWithWhatItIs() {
        assertEquals("{\"schema\":\"residual/fit\",\"version\":1}", Json.line(Schema.FIT.document()));
        assertEquals(
                Schema.values().length,
                Arrays.stream(Schema.values()).map(Schema::label).distinct().count());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"schema\":\"residual/trace\",\"version\":2}", "{\"format\":\"residual-trace\",\"version\":1}"
            })
    void requireSchema_takesTodaysAndTheFormer(String text) {
        JsonObject.parse(text, "here", "Mend it").requireSchema(Schema.TRACE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"schema\":\"residual/trace\",\"version\":3}",
                "{\"schema\":\"residual/trace\",\"version\":1}",
                "{\"schema\":\"residual/adapter\",\"version\":2}",
                "{\"schema\":\"residual-trace\",\"version\":2}",
                "{\"format\":\"residual-trace\",\"version\":2}",
                "{\"schema\":\"residual/trace\"}",
                "{\"version\":1}",
                "{}"
            })
    void requireSchema_refusesAllElse(String text) {
        JsonObject read = JsonObject.parse(text, "here", "Mend it");
        InputException refused = assertThrows(InputException.class, () -> read.requireSchema(Schema.TRACE));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("here, '"), refused.getMessage());
    }

    @Test
    void renamed_saysTheNameThatIsThere() {
        JsonObject read = JsonObject.parse("{\"wanted\":2}", "here", "Mend it").renamed(Map.of("wanted", "target"));
        InputException refused = assertThrows(InputException.class, () -> read.number("target", 0, 1));
        InputException made = assertThrows(
                InputException.class,
                () -> read.making(() -> {
                    throw InputException.at("target", "2", "1", "Mend it");
                }));
        assertEquals("here, wanted: found 2, expected 1. Mend it.", made.getMessage());
        assertEquals("here, 'wanted': found 2, expected a number from 0.0 to 1.0. Mend it.", refused.getMessage());
    }

    @Test
    void parse_hasLimits() throws JsonProcessingException {
        JsonNode python = Json.parse("{\"a\":NaN,\"a\":Infinity}", Json.Limits.FOREIGN);
        assertEquals(Double.POSITIVE_INFINITY, python.path("a").asDouble());
        for (String text : List.of("{\"a\":NaN}", "{\"a\":1,\"a\":2}", "[1] 2", "[".repeat(17) + "]".repeat(17))) {
            assertThrows(JsonProcessingException.class, () -> Json.parse(text, Json.Limits.OWN), text);
        }
    }
}
