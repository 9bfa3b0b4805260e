package io.residual.explorer;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * The report as one self-contained HTML file. Its content security policy forbids loading anything and allows only the
 * page's own script, by hash. Data are in a block that is not executed, and reach the page as text.
 *
 * @param html the page
 * @param policy its content policy, for a server to send too
 */
public record HtmlReport(String html, String policy) {
    private static final List<String> SHARED = List.of("charts.js", "maps.js");
    private static final List<String> PAGES =
            List.of("overview.js", "heads.js", "images.js", "records.js", "report.js");

    /** A page without controls, as a file. */
    public static HtmlReport file(JsonNode data) {
        return of(data, "const live = null;\n", "");
    }

    /** The page with controls; it connects only to its own server. */
    static HtmlReport served(JsonNode data) {
        return of(data, resource("explore.js"), "connect-src 'self'; ");
    }

    /** The page of a server that is still preparing: it says how far that is, and loads again. */
    static HtmlReport waiting() {
        return page(Json.object(), resource("elements.js") + resource("waiting.js"), "connect-src 'self'; ");
    }

    private static HtmlReport of(JsonNode data, String before, String more) {
        StringBuilder script = new StringBuilder(resource("elements.js"));
        SHARED.forEach(name -> script.append(resource(name)));
        script.append(before);
        PAGES.forEach(name -> script.append(resource(name)));
        return page(data, script.toString(), more);
    }

    private static HtmlReport page(JsonNode data, String script, String more) {
        String style = resource("report.css");
        String policy = "default-src 'none'; img-src data:; " + more + "style-src '" + hash(style) + "'; script-src '"
                + hash(script) + "'; base-uri 'none'; form-action 'none'";
        String html = resource("report.html")
                .replace("{{policy}}", policy)
                .replace("{{style}}", style)
                .replace("{{script}}", script)
                // Nothing in a string may end the block: "<" is written as its escape.
                .replace("{{data}}", Json.line(data).replace("<", "\\u003c"));
        return new HtmlReport(html, policy);
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(HtmlReport.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
