package io.residual.explorer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.data.Split;
import io.residual.predict.Explainer;
import io.residual.provenance.Provenance;
import io.residual.spectrum.SpectralComparison;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.TraceStatistics;
import io.residual.units.Trace;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.List;

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

    private ReportData(ReportSource source, Progress progress) {
        this.source = source;
        this.progress = progress;
        this.trace = source.validation();
        boolean adapted = !source.adapters().isEmpty();
        if (!adapted && !source.model().hasText()) {
            throw InputException.at(
                    source.model().folder(),
                    "a model without texts and no adapter",
                    "an adapter, which holds class embeddings",
                    "Fit one with residual align and give it as --adapter");
        }
        this.classifier = adapted
                ? source.adapters().get(0).file().classifier()
                : Classifier.fromPrompts(source.model(), source.dataset().prompts());
        this.adapter = adapted ? source.adapters().get(0).file().adapter() : new Adapter.Identity();
        this.gallery = new Gallery(source.dataset().validation());
    }

    /** Collects the data of all pages. */
    public static ObjectNode of(ReportSource source, Progress progress) {
        return new ReportData(source, progress).build();
    }

    private ObjectNode build() {
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
                .put("shared_width", shape.sharedWidth());
        ObjectNode data = root.putObject("data");
        data.put("name", source.dataset().name()).put("images", trace.size());
        data.set("classes", Json.of(classifier.classes()));
        results(root);
        AdapterViews views = new AdapterViews(trace, classifier.classes().size());
        ArrayNode adapters = root.putArray("adapters");
        source.adapters().forEach(named -> adapters.add(views.view(named)));
        root.set("base", views.scores(new Adapter.Identity(), classifier, 1));
        new UnitViews(source, classifier, adapter, gallery, progress).write(root);
        comparison(root);
        ImageViews images = new ImageViews();
        ArrayNode shown = root.putArray("images");
        ImageViews.choose(new Explainer(trace.frame(), adapter, classifier), trace, progress)
                .forEach(one -> shown.add(
                        images.view(gallery.show(one.explanation().image()), one.explanation(), one.label())));
        gallery.write(root.putObject("thumbnails"));
        root.set("provenance", trace.provenance().json());
        return root;
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
