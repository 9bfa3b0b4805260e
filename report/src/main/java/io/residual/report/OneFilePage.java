package io.residual.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Objects;

/**
 * A page as one self-contained HTML file. Its content security policy forbids loading anything and allows only the page's own
 * script and style, by hash. Data are in a block that is not executed, and reach the page as text.
 *
 * @param html the page
 * @param policy its content policy, for a server to send too
 */
public record OneFilePage(String html, String policy) {
    /**
     * Fills a template that has places for {@code {{policy}}}, {@code {{style}}}, {@code {{script}}} and {@code {{data}}}.
     *
     * @param more directives that the page needs besides, each with a semicolon and a space after it; usually empty
     */
    public static OneFilePage of(String template, String style, String script, JsonNode data, String more) {
        String policy = "default-src 'none'; img-src data:; " + more + "style-src '" + hash(style) + "'; script-src '"
                + hash(script) + "'; base-uri 'none'; form-action 'none'";
        String html = template.replace("{{policy}}", policy)
                .replace("{{style}}", style)
                .replace("{{script}}", script)
                .replace("{{data}}", block(data));
        return new OneFilePage(html, policy);
    }

    /**
     * The same for a page that shows something before all of its data are there: the template has a place for {@code {{first}}} before its
     * script, and the place for {@code {{data}}} after it.
     */
    public static OneFilePage of(
            String template, String style, String script, JsonNode first, JsonNode data, String more) {
        int at = template.indexOf("{{data}}");
        OneFilePage begun = of(template.substring(0, at).replace("{{first}}", "{{data}}"), style, script, first, more);
        // What the first data hold is not searched for places again: a name in them may be that of a place.
        String end = template.substring(at).replace("{{data}}", "");
        return new OneFilePage(begun.html + block(data) + end, begun.policy);
    }

    /** Nothing in a string may end the block: "<" is written as its escape. */
    private static String block(JsonNode data) {
        return Json.line(data).replace("<", "\\u003c");
    }

    /** A text beside a class. */
    public static String resource(Class<?> beside, String name) {
        try (InputStream in = Objects.requireNonNull(beside.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the resource " + name, e);
        }
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
