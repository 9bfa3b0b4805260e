package io.residual.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonObjectTest {
    private static JsonObject parse(String json) {
        return JsonObject.parse(json, "a.json", "Make it again");
    }

    private static void refused(String message, Executable action) {
        assertEquals(message, assertThrows(InputException.class, action).getMessage());
    }

    @Test
    void everyKind_isRead() {
        JsonObject json = parse(
                "{\"t\": \"x\", \"n\": -3, \"d\": 1.5, \"nan\": \"NaN\", \"l\": [\"a\", \"b\"], \"m\": {\"k\": \"v\"},"
                        + " \"o\": [{\"t\": \"y\"}], \"none\": null, \"e\": \"B\"}");
        assertEquals("x", json.text("t"));
        assertEquals(-3, json.whole("n"));
        assertEquals(-3, json.whole("n", -3, 0));
        assertEquals(1.5, json.number("d"));
        assertEquals(-3, json.number("n"));
        assertTrue(Double.isNaN(json.number("nan")));
        assertEquals(List.of("a", "b"), json.texts("l"));
        assertEquals(Map.of("k", "v"), json.textsByName("m"));
        assertEquals("y", json.objects("o").get(0).text("t"));
        assertEquals("v", json.object("m").text("k"));
        assertNull(json.textOrNull("none"));
        assertEquals(Letter.B, json.one("e", Letter.class));
    }

    private enum Letter {
        A,
        B
    }

    @Test
    void whatIsWrong_isNamed() {
        refused("a.json, 't': found nothing, expected a text. Make it again.", () -> parse("{}")
                .text("t"));
        refused("a.json, 't': found 3, expected a text. Make it again.", () -> parse("{\"t\": 3}")
                .text("t"));
        refused("a.json, 'n': found 4, expected 0 to 3. Make it again.", () -> parse("{\"n\": 4}")
                .whole("n", 0, 3));
        refused("a.json, 'n': found 4.0, expected a whole number. Make it again.", () -> parse("{\"n\": 4.0}")
                .whole("n"));
        refused(
                "a.json, 'n': found 9223372036854775808, expected a whole number. Make it again.",
                () -> parse("{\"n\": 9223372036854775808}").whole("n"));
        refused("a.json, 'n': found \"7\", expected a number. Make it again.", () -> parse("{\"n\": \"7\"}")
                .number("n"));
        refused("a.json, 'l': found 1, expected texts only. Make it again.", () -> parse("{\"l\": [\"a\", 1]}")
                .texts("l"));
        refused("a.json, 'o': found [1], expected a list of objects. Make it again.", () -> parse("{\"o\": [1]}")
                .objects("o"));
        refused("a.json, 'e': found \"C\", expected one of [A, B]. Make it again.", () -> parse("{\"e\": \"C\"}")
                .one("e", Letter.class));
        refused(
                "a.json, 'o', 't': found nothing, expected a text. Make it again.",
                () -> parse("{\"o\": {}}").object("o").text("t"));
        refused("a.json: found an entry 'b', expected one of [a]. Make it again.", () -> parse("{\"b\": 1}")
                .only("a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "3", "{", "{} {}", "{\"a\": 1, \"a\": 2}", "{\"a\": NaN}", "{\"a\": 1e}"})
    void whatIsNoObject_isRefused(String json) {
        assertThrows(InputException.class, () -> parse(json));
    }

    @Test
    void depthAndLength_areBounded() {
        assertThrows(InputException.class, () -> parse("{\"a\":".repeat(20) + "1" + "}".repeat(20)));
        assertThrows(InputException.class, () -> parse("{\"a\": " + "9".repeat(1000) + "}"));
        InputException e = assertThrows(InputException.class, () -> parse("{\"a\": \"" + "x".repeat(100_000) + "\"}")
                .whole("a"));
        int length = String.valueOf(e.getMessage()).length();
        assertTrue(length < 300, length + " characters");
    }

    /** Sixty-five thousand names of one hash: Jackson's table of names would give up with an error of its own. */
    @Test
    void namesOfOneHash_areJustNames() {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < 1 << 16; i++) {
            json.append(i == 0 ? "\"" : ",\"");
            for (int bit = 0; bit < 16; bit++) {
                json.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            json.append("\":\"v\"");
        }
        assertEquals("v", parse(json + "}").text("Aa".repeat(16)));
    }
}
