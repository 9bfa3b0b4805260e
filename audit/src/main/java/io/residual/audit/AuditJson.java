package io.residual.audit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.audit.LabelErrors.Suspect;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.data.SplitNames.Part;
import io.residual.zeroshot.Accuracy;
import java.util.List;

/** The findings as one document. */
public final class AuditJson {
    private final Findings findings;
    private final AuditImages images;
    private final List<String> classes;

    private AuditJson(Findings findings) {
        this.findings = findings;
        this.images = findings.images();
        this.classes = images.classes();
    }

    /** The document. */
    public static ObjectNode of(Findings findings) {
        return new AuditJson(findings).document();
    }

    private ObjectNode document() {
        ObjectNode root = Schema.AUDIT.document().put("data", images.dataset()).put("images", images.size());
        root.set("summary", Json.of(findings.sentences()));
        root.set("classes", classNodes());
        root.put("imbalance", findings.classes().imbalance());
        ArrayNode twins = root.putArray("twins");
        findings.twins().groups().forEach(g -> twins.add(group(g)));
        root.set("leaks", leaks());
        ArrayNode errors = root.putArray("label_errors");
        for (int s = 0; s < findings.suspects().size(); s++) {
            errors.add(suspect(findings.suspects().get(s), s));
        }
        ArrayNode outliers = root.putArray("outliers");
        findings.single()
                .outliers()
                .forEach(o -> outliers.add(image(o.image())
                        .put("similarity", rounded(o.similarity()))
                        .put("deviations", rounded(o.deviations()))));
        ArrayNode odd = root.putArray("odd");
        findings.single()
                .odd()
                .forEach(
                        o -> odd.add(image(o.image()).put("kind", o.kind().id()).put("why", o.why())));
        root.set("confused", confused());
        root.set("shortcuts", shortcuts());
        root.set("notes", Json.of(findings.notes()));
        return root;
    }

    private ArrayNode classNodes() {
        ArrayNode all = Json.array();
        for (int c = 0; c < classes.size(); c++) {
            ObjectNode one = all.addObject().put("class", classes.get(c));
            for (Part part : Part.values()) {
                one.put(part.id(), findings.classes().counts()[c][part.ordinal()]);
            }
        }
        return all;
    }

    private ObjectNode image(int i) {
        return Json.object()
                .put("file", images.shortName(i))
                .put("split", images.part(i).id())
                .put("class", classes.get(findings.labels()[i]));
    }

    private ObjectNode group(int[] group) {
        ObjectNode node = Json.object()
                .put("across_splits", findings.isAcross(group))
                .put("several_labels", findings.isContradictory(group))
                .put("home", findings.home(group).id());
        ArrayNode members = node.putArray("images");
        for (int i : group) {
            Twins.Pair pair = findings.pairOf(i);
            ObjectNode one = image(i);
            if (pair != null) {
                one.put("twin", images.shortName(pair.first() == i ? pair.second() : pair.first()))
                        .put("kind", pair.kind().name().toLowerCase(java.util.Locale.ROOT))
                        .put("likeness", rounded(pair.likeness()));
            }
            members.add(one);
        }
        return node;
    }

    private ObjectNode leaks() {
        ObjectNode node = Json.object();
        ArrayNode files = node.putArray("files");
        findings.leaks().images().forEach(i -> files.add(images.shortName(i)));
        accuracy(node, "accuracy_with_twin", findings.leaks().withTwin());
        accuracy(node, "accuracy_without", findings.leaks().without());
        return node;
    }

    private static void accuracy(ObjectNode node, String key, @org.jspecify.annotations.Nullable Accuracy found) {
        node.set(key, Json.of(found == null ? null : found.value()));
        node.set(
                key + "_interval_95",
                Json.of(found == null ? null : new double[] {rounded(found.low()), rounded(found.high())}));
        node.set(key + "_images", Json.of(found == null ? null : found.of()));
    }

    private ObjectNode suspect(Suspect s, int place) {
        ObjectNode node = image(s.image())
                .put("proposed", classes.get(s.proposed()))
                .put("probability", rounded(s.ofGiven()))
                .put("proposed_probability", rounded(s.ofProposed()));
        Reasons reasons = findings.reasons();
        if (reasons != null && place < reasons.bySuspect().size()) {
            reason(node, reasons.bySuspect().get(place));
        }
        return node;
    }

    private void reason(ObjectNode node, Reasons.Reason reason) {
        node.put("place", rounded(reason.place())).put("constant", rounded(reason.constant()));
        shares(node.putArray("units"), reason.units());
        shares(node.putArray("units_against"), reason.against());
    }

    private void shares(ArrayNode into, List<Reasons.Share> shares) {
        shares.forEach(s -> {
            ObjectNode node = into.addObject().put("unit", s.unit()).put("part", rounded(s.part()));
            if (!s.words().isEmpty()) {
                node.set("words", Json.of(s.words()));
            }
            if (!s.images().isEmpty()) {
                node.set(
                        "images",
                        Json.of(s.images().stream().map(images::shortName).toList()));
            }
        });
    }

    private ArrayNode confused() {
        ArrayNode all = Json.array();
        List<ClassChecks.Confused> pairs = findings.classes().confused();
        for (int p = 0; p < pairs.size(); p++) {
            ClassChecks.Confused pair = pairs.get(p);
            ObjectNode node = all.addObject()
                    .put("first", classes.get(pair.first()))
                    .put("second", classes.get(pair.second()))
                    .put("accuracy", rounded(pair.apart().value()));
            node.set("accuracy_interval_95", Json.of(new double[] {
                rounded(pair.apart().low()), rounded(pair.apart().high())
            }));
            node.put("inseparable", pair.inseparable());
            ArrayNode examples = node.putArray("examples");
            pair.examples().forEach(i -> examples.add(images.shortName(i)));
            Reasons reasons = findings.reasons();
            if (reasons != null && p < reasons.byPair().size()) {
                shares(node.putArray("units"), reasons.byPair().get(p).units());
            }
        }
        return all;
    }

    private ArrayNode shortcuts() {
        ArrayNode all = Json.array();
        findings.shortcuts().all().forEach(s -> all.addObject()
                .put("attribute", s.attribute())
                .put("grave", s.isGrave())
                .put("accuracy", rounded(s.accuracy()))
                .put("chance", rounded(s.chance()))
                .put("p", s.p())
                .put("class", classes.get(s.best()))
                .put("precision", rounded(s.precision()))
                .put("recall", rounded(s.recall()))
                .put("example", s.example()));
        return all;
    }

    static double rounded(double value) {
        return Double.isFinite(value) ? Math.round(value * 1e4) / 1e4 : value;
    }
}
