package io.residual.explorer;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Objects;

/**
 * One HTML file with everything in it. Its content policy lets nothing load and only the page's own script run, which is named
 * by its hash; data stand in a block that is not executed and reach the page as text.
 */
public final class HtmlReport {
    private HtmlReport() {}

    /** The page of some data. */
    public static String page(JsonNode data) {
        String script = resource("report.js");
        String style = resource("report.css");
        return resource("report.html")
                .replace("{{script-hash}}", hash(script))
                .replace("{{style-hash}}", hash(style))
                .replace("{{style}}", style)
                .replace("{{script}}", script)
                // Nothing in a string may end the block: "<" is written as its escape.
                .replace("{{data}}", data.toString().replace("<", "\\u003c"));
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
