package io.residual.explorer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.data.Split;
import io.residual.images.Image;
import io.residual.predict.Explainer;
import io.residual.predict.Explanation;
import io.residual.provenance.Provenance;
import io.residual.spectrum.SpectralComparison;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.TraceStatistics;
import io.residual.units.Trace;
import io.residual.units.Tracer;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Everything that the pages show, as JSON. */
public final class ReportData {
    /** The share of a head's variance that is compared between data sets, as residual compare has it. */
    private static final double COMPARED = .9;

    private final ReportSource source;
    private final Progress progress;
    private final Trace<Split.Validation> trace;
    private final Classifier classifier;
    private final Adapter adapter;
    private final Gallery gallery;
    private final Verdicts verdicts;

    private ReportData(ReportSource source, Progress progress) {
        this.source = source;
        this.progress = progress;
        this.trace = source.validation();
        boolean adapted = !source.adapters().isEmpty();
        this.classifier = source.classifier();
        this.adapter = adapted ? source.adapters().get(0).file().adapter() : new Adapter.Identity();
        this.gallery = new Gallery(source.dataset().validation());
        this.verdicts = verdicts(source, classifier);
    }

    /** The decisions of the first adapter, or of the unadapted model without one. */
    static Verdicts verdicts(ReportSource source, Classifier classifier) {
        if (source.adapters().isEmpty()) {
            return Verdicts.of(classifier, source.validation());
        }
        AdapterFile file = source.adapters().get(0).file();
        return Verdicts.of(file.adapter(), file.info().calibration(), classifier, source.validation());
    }

    /** Collects the data of all pages. */
    public static ObjectNode of(ReportSource source, Progress progress) {
        return of(source, progress, early -> {});
    }

    /**
     * The same, for somebody who waits.
     *
     * @param early given what is there before heads are analysed, with {@code pending} set
     */
    public static ObjectNode of(ReportSource source, Progress progress, Consumer<ObjectNode> early) {
        return new ReportData(source, progress).build(early);
    }

    private ObjectNode build(Consumer<ObjectNode> early) {
        ObjectNode root = Schema.REPORT.document();
        root.put("tool", Provenance.version());
        UnitShape shape = trace.shape();
        root.putObject("model")
                .put("name", String.valueOf(source.model().folder().getFileName()))
                .put("family", source.model().family())
                .put("hash", source.model().hash())
                .put("layers", shape.layers())
                .put("heads", shape.heads())
                .put("head_width", shape.headWidth())
                .put("shared_width", shape.sharedWidth())
                .put("has_text", source.model().hasText());
        ObjectNode data = root.putObject("data");
        data.put("name", source.dataset().name()).put("images", trace.size());
        data.set("classes", Json.of(classifier.classes()));
        data.set("notes", Json.of(source.dataset().notes()));
        results(root);
        AdapterViews views = new AdapterViews(trace, classifier.classes().size());
        ArrayNode adapters = root.putArray("adapters");
        source.adapters().forEach(named -> adapters.add(views.view(named)));
        root.set(
                "base",
                views.scores(
                        new Adapter.Identity(), classifier, verdicts.plain().temperature()));
        root.put("accuracy", verdicts.accuracyBefore().value());
        root.put("temperature", verdicts.calibration().temperature());
        ReportSource.Named explained =
                source.unadapted() != null ? null : source.adapters().get(0);
        ObjectNode conclusion = Conclusion.json(verdicts, classifier.classes().size(), explained, comparisons());
        root.set("conclusion", conclusion);
        images(root, conclusion);
        root.set("provenance", trace.provenance().json());
        root.set("map", MapView.json(source, classifier, adapter, verdicts, progress));
        early.accept(early(root));
        new UnitViews(source, classifier, adapter, gallery, progress).write(root);
        comparison(root);
        gallery.write(root.putObject("thumbnails"));
        return root;
    }

    /** A copy in which units are names only. */
    private ObjectNode early(ObjectNode root) {
        ObjectNode copy = root.deepCopy().put("pending", true);
        ArrayNode units = copy.putArray("units");
        for (UnitId id : trace.shape().ids()) {
            units.addObject()
                    .put("unit", id.toString())
                    .put("kind", id.kind().name().toLowerCase(Locale.ROOT))
                    .put("layer", id.layer())
                    .put("head", id.head())
                    .putArray("shares");
        }
        gallery.write(copy.putObject("thumbnails"));
        return copy;
    }

    /** Decomposed decisions, each with its image as the model sees it and, within a bound, its maps. */
    private void images(ObjectNode root, ObjectNode conclusion) {
        Explainer explainer = new Explainer(trace.frame(), adapter, classifier);
        List<Integer> rows = ImageViews.choose(verdicts);
        root.set("image_rows", Json.of(rows));
        List<ImageViews.Shown> shown = ImageViews.explain(explainer, rows, trace, progress);
        ImageViews views = new ImageViews();
        ImageMaps maps = new ImageMaps();
        Tracer tracer = new Tracer(source.model(), trace.frame());
        ArrayNode all = root.putArray("images");
        progress.start("mapping decisions", shown.size());
        int together = MappedImage.together(tracer);
        List<MappedImage.Waiting> waiting = new ArrayList<>();
        for (ImageViews.Shown one : shown) {
            Explanation explanation = one.explanation();
            String name = gallery.show(explanation.image());
            ObjectNode node = views.view(name, explanation, one.label(), verdicts.plain(), verdicts.calibration());
            all.add(node);
            Image image = gallery.read(name);
            if (image != null && MappedImage.seen(node, image, tracer, maps)) {
                waiting.add(new MappedImage.Waiting(node, image, explanation));
            }
            if (waiting.size() == together || (all.size() == shown.size() && !waiting.isEmpty())) {
                MappedImage.write(waiting, tracer, explainer);
                waiting.clear();
            }
            progress.at(all.size() - waiting.size());
        }
        progress.finish();
        root.put("maps_left_out", maps.omitted());
        Conclusion.shown(conclusion, places(rows, verdicts.corrected()), places(rows, verdicts.broken()));
    }

    private static List<Integer> places(List<Integer> rows, List<Integer> some) {
        return some.stream().map(rows::indexOf).filter(place -> place >= 0).toList();
    }

    private List<JsonNode> comparisons() {
        return source.results().stream()
                .filter(ReportSource.Kind.COMPARISON::matches)
                .toList();
    }

    /** Results of other commands, by kind. */
    private void results(ObjectNode root) {
        for (ReportSource.Kind kind : ReportSource.Kind.values()) {
            ArrayNode all = root.putArray(kind.key());
            for (JsonNode result : source.results()) {
                if (kind.matches(result)) {
                    all.add(result);
                }
            }
        }
    }

    /** Heads × data sets: how alike a head's components are on other images. */
    private void comparison(ObjectNode root) {
        if (source.others().isEmpty()) {
            return;
        }
        List<String> names = new ArrayList<>(List.of(source.dataset().name()));
        List<List<Spectrum>> spectra = new ArrayList<>(List.of(spectra(trace)));
        for (ReportSource.Other other : source.others()) {
            names.add(other.name());
            spectra.add(spectra(other.validation()));
        }
        SpectralComparison comparison = SpectralComparison.of(names, trace.shape(), spectra, COMPARED, progress);
        ObjectNode node = root.putObject("similarity").put("variance", COMPARED);
        node.set("names", Json.of(names));
        ArrayNode heads = node.putArray("heads");
        for (int head = 0; head < trace.shape().allHeads(); head++) {
            ArrayNode row = heads.addArray();
            for (int j = 1; j < names.size(); j++) {
                double value = comparison.between(0, j)[head];
                row.add(Double.isNaN(value) ? null : Double.valueOf(UnitViews.rounded(value)));
            }
        }
        ArrayNode means = node.putArray("means");
        for (int i = 0; i < names.size(); i++) {
            ArrayNode row = means.addArray();
            for (int j = 0; j < names.size(); j++) {
                row.add(i == j ? 1 : UnitViews.rounded(comparison.mean(i, j)));
            }
        }
    }

    private static List<Spectrum> spectra(Trace<Split.Validation> trace) {
        return new TraceStatistics().add(trace.blocks()).spectra(trace.frame());
    }
}
