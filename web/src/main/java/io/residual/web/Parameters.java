package io.residual.web;

import io.residual.base.InputException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The parameters of a query, read strictly: each once, known, and encoded as the standard says. */
final class Parameters {
    private Parameters() {}

    /**
     * Checks a query.
     *
     * @param known the names that the address knows; null where it is not known itself
     * @throws InputException if it is not well-formed, or has a name twice or one that is not known
     */
    static Map<String, String> of(@Nullable String query, @Nullable Set<String> known) {
        Map<String, String> all = new LinkedHashMap<>();
        if (query == null || query.isEmpty()) {
            return all;
        }
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
            if (known != null && !known.contains(name)) {
                throw InputException.at(
                        "the query",
                        "'" + name + "'",
                        known.isEmpty() ? "no parameters" : "one of " + new TreeSet<>(known),
                        "Leave it out");
            }
            if (all.put(name, value) != null) {
                throw InputException.at("the query", "'" + name + "' twice", "each parameter once", "Leave one out");
            }
        }
        return all;
    }

    private static String decoded(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int[] points = text.codePoints().toArray();
        for (int i = 0; i < points.length; i++) {
            int c = points[i];
            if (c == '%') {
                int high = i + 2 < points.length ? digit(points[i + 1]) : -1;
                int low = i + 2 < points.length ? digit(points[i + 2]) : -1;
                if (high < 0 || low < 0) {
                    throw malformed(text);
                }
                bytes.write(high << 4 | low);
                i += 2;
            } else if (c == '+') {
                bytes.write(' ');
            } else {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed(text);
        }
    }

    private static int digit(int c) {
        return c < 128 ? Character.digit(c, 16) : -1;
    }

    private static InputException malformed(String text) {
        return InputException.at(
                "the query", "'" + text + "'", "UTF-8 in percent encoding, such as %2F", "Correct the encoding");
    }
}
