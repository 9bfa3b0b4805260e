package io.residual.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Schema;
import io.residual.description.KeptTexts;
import io.residual.units.TraceCache;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "cache",
        mixinStandardHelpOptions = true,
        description =
                "Lists the traces that are kept for later commands, or removes them with the embeddings of texts.",
        footer = {
            "",
            "evaluate, align, finetune, forget, heads, report and explore keep the traces of their images and reuse them for"
                    + " the same model and images, whose content is compared. The least recently used are removed beyond"
                    + " " + TraceCache.USUAL + " MB, or what " + TraceCache.VARIABLE
                    + " says (0: keep none). report, explore,"
                    + " describe and explain also keep the embeddings of the last " + KeptTexts.MOST + " dictionaries.",
            "",
            "Example: residual cache --clear"
        })
final class CacheCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Option(names = "--clear", description = "Remove all of them.")
    boolean clear;

    @Option(names = "--json", description = "Print JSON instead of text.")
    boolean json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        TraceCache cache = TraceCache.ofUser();
        KeptTexts texts = KeptTexts.ofUser();
        long removed = clear ? cache.clear() + texts.clear() : 0;
        List<TraceCache.Entry> entries = cache.entries();
        long kept = entries.stream().mapToLong(TraceCache.Entry::bytes).sum();
        if (json) {
            ObjectNode node =
                    Schema.CACHE.document().put("folder", cache.folder().toString());
            node.put("bytes", kept).put("most_bytes", cache.most()).put("removed_bytes", removed);
            node.put("texts_bytes", texts.bytes());
            ArrayNode all = node.putArray("traces");
            entries.forEach(e -> all.addObject()
                    .put("folder", e.folder().toString())
                    .put("bytes", e.bytes())
                    .put("used", e.used().toString())
                    .put("what", e.what()));
            out.println(Json.pretty(node));
            return 0;
        }
        if (clear) {
            out.println(size(removed) + " removed");
        }
        entries.forEach(e -> out.println(Printable.line(size(e.bytes()) + "  " + e.what())));
        out.println(Printable.line(String.format(
                Locale.ROOT,
                "%d traces, %s of at most %s, in %s",
                entries.size(),
                size(kept),
                size(cache.most()),
                cache.folder())));
        out.println(size(texts.bytes()) + " of embeddings of texts");
        return 0;
    }

    private static String size(long bytes) {
        return String.format(Locale.ROOT, "%,.1f MB", bytes / (double) (1 << 20));
    }
}
