package io.residual.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Schema;
import io.residual.chart.TextTable;
import io.residual.predict.CausalTrace;
import io.residual.predict.CausalTrace.Patched;
import io.residual.predict.EffectStudy.Effect;
import io.residual.predict.EffectStudy.Measure;
import io.residual.predict.EffectStudy.Result;
import io.residual.predict.EffectStudy.Together;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Effects of changes inside the forward pass as text and JSON. */
public final class EffectsReport {
    private EffectsReport() {}

    /** The units whose total effect on the right class's logit is largest. */
    public static String text(Result result, int top) {
        Measure plain = result.plain();
        StringBuilder out = new StringBuilder(String.format(
                Locale.ROOT,
                "plain: accuracy %s, logit of the right class less the mean of the others %.3f%n%n",
                accuracy(plain),
                plain.labelLogit()));
        TextTable table = new TextTable()
                .row("", "right class's logit", "", "", "accuracy, points", "", "embedding moved", "", "")
                .row("unit", "total", "direct", "later", "total", "direct", "total", "direct", "later");
        List<Effect> sorted = result.effects().stream()
                .sorted(Comparator.comparingDouble(e -> -Math.abs(e.total().labelLogit() - plain.labelLogit())))
                .toList();
        for (Effect e : sorted.subList(0, Math.min(top, sorted.size()))) {
            double total = e.total().labelLogit() - plain.labelLogit();
            double direct = e.direct().labelLogit() - plain.labelLogit();
            table.row(
                    e.unit().toString(),
                    signed(total),
                    signed(direct),
                    signed(total - direct),
                    points(e.total(), plain),
                    points(e.direct(), plain),
                    share(e.total().moved()),
                    share(e.direct().moved()),
                    share(e.later()));
        }
        out.append(table);
        if (sorted.size() > top) {
            out.append(String.format("and %d units with less%n", sorted.size() - top));
        }
        double whole = sorted.stream().mapToDouble(e -> e.total().moved()).sum();
        double alone = sorted.stream().mapToDouble(e -> e.direct().moved()).sum();
        double later = sorted.stream().mapToDouble(Effect::later).sum();
        return out.append(String.format(
                        Locale.ROOT,
                        "mean over units: the embedding moves by %.1f %% in all, %.1f %% directly, %.1f %% through"
                                + " later layers%n",
                        100 * whole / sorted.size(),
                        100 * alone / sorted.size(),
                        100 * later / sorted.size()))
                .toString();
    }

    private static String accuracy(Measure m) {
        return String.format(
                Locale.ROOT,
                "%.3f (95 %%: %.3f to %.3f, %d images)",
                m.accuracy().value(),
                m.accuracy().low(),
                m.accuracy().high(),
                m.accuracy().of());
    }

    private static String points(Measure now, Measure plain) {
        return String.format(
                Locale.ROOT,
                "%+.1f",
                100 * (now.accuracy().value() - plain.accuracy().value()));
    }

    private static String signed(double value) {
        return String.format(Locale.ROOT, "%+.3f", value);
    }

    private static String share(double value) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * value);
    }

    /** Changes made together, beside the plain pass. */
    public static String text(Together both) {
        Measure plain = both.plain();
        Measure changed = both.changed();
        return String.format(
                Locale.ROOT,
                "plain:   accuracy %s, logit of the right class less the mean of the others %.3f%n"
                        + "changed: accuracy %s, logit of the right class less the mean of the others %.3f%n"
                        + "the embedding moves by %.1f %% of its length, mean over images%n",
                accuracy(plain),
                plain.labelLogit(),
                accuracy(changed),
                changed.labelLogit(),
                100 * changed.moved());
    }

    /** Units that bring back the largest shares. */
    public static String text(CausalTrace trace, List<String> classes, int top) {
        StringBuilder out = new StringBuilder(String.format(
                Locale.ROOT,
                "logit of '%s' less that of '%s': %+.3f on the first image, %+.3f on the second%n%n",
                Printable.line(classes.get(trace.chosen())),
                Printable.line(classes.get(trace.other())),
                trace.source(),
                trace.target()));
        TextTable table = new TextTable()
                .row("", "second with the first's unit", "", "brought back", "", "")
                .row("unit", "total", "direct", "total", "direct", "later");
        List<Patched> sorted = trace.patched().stream()
                .sorted(Comparator.comparingDouble(p -> -Math.abs(p.total() - trace.target())))
                .toList();
        for (Patched p : sorted.subList(0, Math.min(top, sorted.size()))) {
            double total = trace.restored(p.total());
            double direct = trace.restored(p.direct());
            table.row(
                    p.unit().toString(),
                    signed(p.total()),
                    signed(p.direct()),
                    share(total),
                    share(direct),
                    share(total - direct));
        }
        out.append(table);
        if (sorted.size() > top) {
            out.append(String.format("and %d units with less%n", sorted.size() - top));
        }
        return out.toString();
    }

    /** Every unit's effects. */
    public static ObjectNode json(Result result) {
        ObjectNode root = Schema.INTERVENTION.document();
        root.set("plain", json(result.plain()));
        root.set("provenance", result.provenance().json());
        ArrayNode units = root.putArray("units");
        result.effects().forEach(e -> {
            ObjectNode unit = units.addObject().put("unit", e.unit().toString());
            unit.set("total", json(e.total()));
            unit.set("direct", json(e.direct()));
            unit.put("moved_later", e.later());
        });
        return root;
    }

    /** Changes made together. */
    public static ObjectNode json(Together both) {
        ObjectNode root = Schema.INTERVENTION.document();
        root.set("plain", json(both.plain()));
        root.set("changed", json(both.changed()));
        root.set("provenance", both.provenance().json());
        return root;
    }

    /** A measure. */
    public static ObjectNode json(Measure measure) {
        return Json.object()
                .put("accuracy", measure.accuracy().value())
                .put("accuracy_low", measure.accuracy().low())
                .put("accuracy_high", measure.accuracy().high())
                .put("images", measure.accuracy().of())
                .put("label_logit", measure.labelLogit())
                .put("moved", measure.moved());
    }

    /** Every unit's patch. */
    public static ObjectNode json(CausalTrace trace, List<String> classes) {
        ObjectNode root = Schema.CAUSAL_TRACE
                .document()
                .put("class", classes.get(trace.chosen()))
                .put("against", classes.get(trace.other()))
                .put("source", trace.source())
                .put("target", trace.target());
        ArrayNode units = root.putArray("units");
        trace.patched().forEach(p -> units.addObject()
                .put("unit", p.unit().toString())
                .put("total", p.total())
                .put("direct", p.direct())
                .put("restored_total", trace.restored(p.total()))
                .put("restored_direct", trace.restored(p.direct())));
        return root;
    }
}
