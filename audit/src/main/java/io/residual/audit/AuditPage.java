package io.residual.audit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.data.LabelFixes;
import io.residual.data.SplitNames.Part;
import io.residual.report.EmbeddingMap;
import io.residual.report.OneFilePage;
import io.residual.spectrum.Features;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The findings as one HTML file that loads nothing: images first, then numbers. Suspects are accepted or rejected with the keyboard; the
 * decisions are saved as a table of corrections. The content security policy allows the page's own script alone.
 */
public final class AuditPage {
    /** Findings of a kind that are shown; the document holds all of them. */
    private static final int SHOWN = 60;

    private static final int GROUPS = 40;
    private static final int OF_GROUP = 6;

    /** Units of a doubtful label that are shown with images. */
    private static final int PICTURED = 2;

    /** The same on a page that a server keeps the decisions of. */
    private static final int REVIEWED = 300;

    private final Findings findings;
    private final int shown;

    /** Images that the page shows small, in order: tables are read in chunks, and each only once. */
    private final SortedSet<Integer> small = new TreeSet<>();

    private AuditPage(Findings findings, int shown) {
        this.findings = findings;
        this.shown = shown;
    }

    /** The page as a file. */
    public static String of(Findings findings) {
        return page(new AuditPage(findings, SHOWN).data(), "").html();
    }

    /**
     * The page as a server sends it: it tells the server every decision, and shows more suspects.
     *
     * @param table where the decisions are kept, for people
     */
    public static OneFilePage served(Findings findings, String table) {
        ObjectNode data = new AuditPage(findings, REVIEWED).data();
        return page(data.put("review", table), "connect-src 'self'; ");
    }

    /** A small copy of an image as a data URI; empty if it cannot be read. */
    public static String thumbnail(Findings findings, int image) {
        return Thumbnails.of(findings.images(), image);
    }

    private static OneFilePage page(ObjectNode data, String more) {
        return OneFilePage.of(
                resource("audit.html"),
                resource("audit.css") + EmbeddingMap.style(),
                "\"use strict\";\n" + EmbeddingMap.script() + resource("audit.js"),
                data,
                more);
    }

    private ObjectNode data() {
        ObjectNode root = Json.object();
        ObjectNode document = AuditJson.of(findings);
        for (String list : List.of("label_errors", "twins", "outliers", "odd")) {
            int all = document.path(list).size();
            ArrayNode few = Json.array();
            for (int i = 0; i < Math.min(all, most(list)); i++) {
                few.add(document.path(list).get(i));
            }
            document.set(list, few);
            root.put(list + "_found", all);
        }
        root.set("found", document);
        root.set("columns", Json.of(LabelFixes.COLUMNS));
        numbers(root);
        neighbours(root);
        map(root);
        ObjectNode shown = root.putObject("thumbnails");
        small.forEach(i -> shown.put(String.valueOf(i), Thumbnails.of(findings.images(), i)));
        return root;
    }

    private int most(String list) {
        return shown > SHOWN && !list.equals("outliers") ? shown : list.equals("twins") ? GROUPS : SHOWN;
    }

    private int shown(int image) {
        small.add(image);
        return image;
    }

    /** The images of each finding, by their numbers, in the order of the document. */
    private void numbers(ObjectNode root) {
        root.set(
                "label_errors",
                Json.of(findings.suspects().stream()
                        .limit(most("label_errors"))
                        .map(s -> shown(s.image()))
                        .toList()));
        root.set(
                "twins",
                Json.of(findings.twins().groups().stream()
                        .limit(most("twins"))
                        .map(g -> Arrays.stream(g)
                                .limit(OF_GROUP)
                                .map(this::shown)
                                .boxed()
                                .toList())
                        .toList()));
        root.set(
                "outliers",
                Json.of(findings.single().outliers().stream()
                        .limit(SHOWN)
                        .map(o -> shown(o.image()))
                        .toList()));
        root.set(
                "odd",
                Json.of(findings.single().odd().stream()
                        .limit(most("odd"))
                        .map(o -> findings.facts()[o.image()].readable() ? shown(o.image()) : -1)
                        .toList()));
        root.set(
                "confused",
                Json.of(findings.classes().confused().stream()
                        .map(c -> c.examples().stream().map(this::shown).toList())
                        .toList()));
        root.set(
                "shortcuts",
                Json.of(findings.shortcuts().all().stream()
                        .map(s -> s.isGrave() ? examples(s) : List.<Integer>of())
                        .map(found -> found.stream()
                                .map(i -> List.<Object>of(
                                        i, findings.images().classes().get(findings.labels()[i])))
                                .toList())
                        .toList()));
        root.set("proposals", proposals());
        root.set("extremes", extremes());
    }

    /** Images that an attribute takes for the class that it finds: some that are of it, and one of those that are not. */
    private List<Integer> examples(Shortcuts.Shortcut s) {
        List<Integer> right =
                s.found().stream().filter(i -> findings.labels()[i] == s.best()).toList();
        List<Integer> wrong =
                s.found().stream().filter(i -> findings.labels()[i] != s.best()).toList();
        int of = Math.min(right.size(), OF_GROUP - Math.min(1, wrong.size()));
        return Stream.concat(right.stream().limit(of), wrong.stream().limit(1))
                .map(this::shown)
                .toList();
    }

    /** For each suspect that is shown, the images for which its first units say the most, for either class. */
    private ArrayNode extremes() {
        ArrayNode all = Json.array();
        Reasons reasons = findings.reasons();
        List<Reasons.Reason> known = reasons == null ? List.of() : reasons.bySuspect();
        for (int s = 0; s < Math.min(most("label_errors"), known.size()); s++) {
            ArrayNode both = all.addArray();
            for (List<Reasons.Share> units :
                    List.of(known.get(s).units(), known.get(s).against())) {
                ArrayNode side = both.addArray();
                units.stream()
                        .limit(PICTURED)
                        .forEach(u -> side.add(
                                Json.of(u.images().stream().map(this::shown).toList())));
            }
        }
        return all;
    }

    /** Every proposal as a row of the table, with its image. */
    private ArrayNode proposals() {
        List<String> names = Corrections.names(findings.images());
        ArrayNode all = Json.array();
        for (Corrections.Proposal p : Corrections.of(findings)) {
            all.addObject()
                    .put("image", p.image())
                    .put("file", names.get(p.image()))
                    .put("action", p.action().id())
                    .put("value", p.value())
                    .put("reason", p.reason());
        }
        return all;
    }

    /** For each suspect that is shown, the nearest images of its own label and of the proposed one. */
    private void neighbours(ObjectNode root) {
        ArrayNode all = root.putArray("neighbours");
        Features features = findings.features();
        if (features == null) {
            return;
        }
        boolean[] doubtful = new boolean[findings.labels().length];
        findings.suspects().forEach(s -> doubtful[s.image()] = true);
        findings.suspects().stream().limit(most("label_errors")).forEach(s -> {
            ArrayNode both = all.addArray();
            for (int label : new int[] {s.given(), s.proposed()}) {
                ArrayNode few = both.addArray();
                features.nearest(s.image(), 3, i -> findings.labels()[i] == label && !doubtful[i])
                        .forEach(i -> few.add(shown(i)));
            }
        });
    }

    private void map(ObjectNode root) {
        Features features = findings.features();
        OutOfSample predictions = findings.predictions();
        if (features == null || predictions == null) {
            return;
        }
        int[] rows = predictions.rows();
        int[] places = new int[findings.labels().length];
        for (int r = 0; r < rows.length; r++) {
            places[rows[r]] = r;
        }
        EmbeddingMap.Said said = new EmbeddingMap.Said() {
            @Override
            public String name(int image) {
                return findings.images().shortName(image);
            }

            @Override
            public int label(int image) {
                return findings.labels()[image];
            }

            @Override
            public int predicted(int image) {
                return predictions.predicted(places[image]);
            }

            @Override
            public double doubt(int image) {
                return 1 - predictions.probability(places[image], label(image));
            }

            @Override
            public int split(int image) {
                return findings.images().part(image).ordinal();
            }
        };
        root.set(
                "map",
                EmbeddingMap.of(features, findings.map())
                        .json(
                                said,
                                IntStream.range(0, places.length).toArray(),
                                findings.images().classes(),
                                Arrays.stream(Part.values()).map(Part::id).toList()));
    }

    private static String resource(String name) {
        return OneFilePage.resource(AuditPage.class, name);
    }
}
