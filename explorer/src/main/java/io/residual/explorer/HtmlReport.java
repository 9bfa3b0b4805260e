package io.residual.explorer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.residual.base.Json;
import io.residual.report.EmbeddingMap;
import io.residual.report.OneFilePage;
import java.util.List;

/**
 * The report as one self-contained HTML file ({@link OneFilePage}).
 *
 * @param html the page
 * @param policy its content policy, for a server to send too
 */
public record HtmlReport(String html, String policy) {
    private static final List<String> SHARED = List.of("charts.js", "maps.js");
    private static final List<String> PAGES =
            List.of("overview.js", "heads.js", "images.js", "map.js", "records.js", "report.js");

    /** A page without controls, as a file. */
    public static HtmlReport file(JsonNode data) {
        return of(FirstView.of(data), data, "const live = null;\n", "");
    }

    /** The page with controls; it connects only to its own server. */
    static HtmlReport served(JsonNode data) {
        return of(NullNode.getInstance(), data, resource("explore.js"), "connect-src 'self'; ");
    }

    /** The page of a server that is still preparing: it says how far that is, and loads again. */
    static HtmlReport waiting() {
        return page(
                NullNode.getInstance(),
                Json.object(),
                resource("elements.js") + resource("waiting.js"),
                "connect-src 'self'; ");
    }

    private static HtmlReport of(JsonNode first, JsonNode data, String before, String more) {
        StringBuilder script = new StringBuilder(resource("elements.js")).append(EmbeddingMap.script());
        SHARED.forEach(name -> script.append(resource(name)));
        script.append(before);
        PAGES.forEach(name -> script.append(resource(name)));
        return page(first, data, script.toString(), more);
    }

    private static HtmlReport page(JsonNode first, JsonNode data, String script, String more) {
        OneFilePage page = OneFilePage.of(
                resource("report.html"), resource("report.css") + EmbeddingMap.style(), script, first, data, more);
        return new HtmlReport(page.html(), page.policy());
    }

    private static String resource(String name) {
        return OneFilePage.resource(HtmlReport.class, name);
    }
}
