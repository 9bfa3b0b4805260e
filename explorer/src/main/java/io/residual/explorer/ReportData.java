package io.residual.explorer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.alignment.Adapter;
import io.residual.alignment.AdapterFile;
import io.residual.alignment.Classifier;
import io.residual.alignment.ComponentDesign;
import io.residual.base.Progress;
import io.residual.description.Description;
import io.residual.description.Dictionary;
import io.residual.description.NearestTexts;
import io.residual.description.TextSpan;
import io.residual.evaluation.Ablation;
import io.residual.evaluation.Ablation.Fill;
import io.residual.evaluation.Accuracy;
import io.residual.evaluation.HeadScores;
import io.residual.images.Split;
import io.residual.prediction.Explainer;
import io.residual.prediction.Explanation;
import io.residual.provenance.Provenance;
import io.residual.spectrum.Extremes;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.TraceStatistics;
import io.residual.spectrum.TwoNn;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.units.UnitPoints;
import io.residual.units.UnitShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Everything that the pages show, as JSON. */
public final class ReportData {
    /** Pictures that are taken apart. */
    private static final int EXPLAINED = 16;

    /** Classes whose shares are kept for each of those. */
    private static final int CLASSES = 6;

    /** Components whose spectrum and weights are shown. */
    private static final int COMPONENTS = 24;

    /** Components that get words and pictures. */
    private static final int NAMED = 2;

    private static final int ENDS = 4;
    private static final int TEXTS = 5;

    private final ReportSource source;
    private final Progress progress;
    private final ObjectMapper mapper = new ObjectMapper();
    private final Trace<Split.Validation> trace;
    private final UnitFrame frame;
    private final UnitShape shape;
    private final Classifier classifier;
    private final Adapter adapter;
    private final Gallery gallery;

    private ReportData(ReportSource source, Progress progress) {
        this.source = source;
        this.progress = progress;
        this.trace = source.validation();
        this.frame = trace.frame();
        this.shape = trace.shape();
        boolean adapted = !source.adapters().isEmpty();
        this.classifier = adapted
                ? source.adapters().get(0).file().classifier()
                : Classifier.fromPrompts(source.model(), source.dataset().prompts());
        this.adapter = adapted ? source.adapters().get(0).file().adapter() : new Adapter.Identity();
        this.gallery = new Gallery(source.dataset().validation());
    }

    /** Looks at everything. */
    public static ObjectNode of(ReportSource source, Progress progress) {
        return new ReportData(source, progress).build();
    }

    private ObjectNode build() {
        ObjectNode root = mapper.createObjectNode();
        root.put("tool", "residual " + Provenance.version());
        ObjectNode model = root.putObject("model");
        model.put("name", String.valueOf(source.model().folder().getFileName()))
                .put("family", source.model().family())
                .put("hash", source.model().hash())
                .put("layers", shape.layers())
                .put("heads", shape.heads())
                .put("headWidth", shape.headWidth())
                .put("sharedWidth", shape.sharedWidth());
        ObjectNode data = root.putObject("data");
        data.put("name", source.dataset().name()).put("images", trace.size());
        data.set("classes", mapper.valueToTree(classifier.classes()));
        root.set("results", mapper.valueToTree(source.results()));
        adapters(root.putArray("adapters"));
        units(root);
        pictures(root.putArray("pictures"));
        gallery.write(root.putObject("thumbnails"));
        root.set("provenance", mapper.valueToTree(trace.provenance()));
        return root;
    }

    private void adapters(ArrayNode all) {
        for (ReportSource.Named named : source.adapters()) {
            AdapterFile file = named.file();
            ObjectNode node = all.addObject()
                    .put("file", named.name())
                    .put("method", file.adapter().method().id())
                    .put("label", file.adapter().method().label())
                    .put("parameters", file.adapter().parameters());
            node.set("info", mapper.valueToTree(file.info()));
        }
    }

    private void units(ObjectNode root) {
        TraceStatistics statistics = new TraceStatistics().add(trace.blocks());
        List<UnitId> ids = shape.ids();
        Map<UnitId, float[]> lambdas = lambdas();
        progress.start("what single heads say", 3);
        double[] alone = HeadScores.accuracy(trace, classifier);
        progress.at(1);
        double[] correlation = HeadScores.correlation(trace);
        progress.at(2);
        Accuracy whole = Ablation.accuracies(List.of(Ablation.keeping(ids, Fill.MEAN)), trace, classifier, trace)
                .get(0);
        List<Ablation> without = ids.stream()
                .map(id -> Ablation.keeping(
                        ids.stream().filter(other -> !other.equals(id)).toList(), Fill.MEAN))
                .toList();
        List<Accuracy> ablated = Ablation.accuracies(without, trace, classifier, trace);
        progress.finish();
        Dictionary dictionary = source.dictionary();
        NearestTexts nearest = dictionary == null ? null : new NearestTexts(dictionary);
        List<String> names = trace.names();
        ArrayNode all = root.putArray("units");
        root.put("accuracy", whole.value());
        progress.start("looking at units", ids.size());
        for (UnitId id : ids) {
            Spectrum spectrum = Pca.of(statistics.of(id), frame);
            UnitPoints points = UnitPoints.of(trace, id);
            ObjectNode node = all.addObject()
                    .put("unit", id.toString())
                    .put("kind", id.kind().name().toLowerCase(java.util.Locale.ROOT))
                    .put("layer", id.layer())
                    .put("head", id.head())
                    .put("rank", spectrum.rank())
                    .put("dimension", spectrum.rank() == 0 ? 0 : spectrum.kept(.99))
                    .put("firstShare", spectrum.rank() == 0 ? 0 : rounded(spectrum.firstShare()))
                    .put("without", rounded(ablated.get(shape.index(id)).value() - whole.value()));
            double nonlinear = TwoNn.dimension(points, frame);
            if (!Double.isNaN(nonlinear)) {
                node.put("twoNn", rounded(nonlinear));
            }
            if (id.kind() == UnitId.Kind.HEAD) {
                int head = shape.index(id) - 1;
                node.put("alone", rounded(alone[head])).put("correlation", rounded(correlation[head]));
            }
            spectrum(node, spectrum, lambdas.get(id));
            if (spectrum.rank() > 0) {
                words(node, statistics, spectrum, points, dictionary, nearest, names);
            }
            progress.at(all.size());
        }
        progress.finish();
    }

    private Map<UnitId, float[]> lambdas() {
        Map<UnitId, float[]> lambdas = new HashMap<>();
        if (adapter instanceof Adapter.Spectral spectral && spectral.design() instanceof ComponentDesign design) {
            int from = 0;
            for (ComponentDesign.Part part : design.parts()) {
                lambdas.put(part.unit(), Arrays.copyOfRange(spectral.lambdas(), from, from + part.kept()));
                from += part.kept();
            }
        }
        return lambdas;
    }

    private void spectrum(ObjectNode node, Spectrum spectrum, float @Nullable [] lambda) {
        ArrayNode shares = node.putArray("shares");
        double total = spectrum.totalVariance();
        int shown = Math.min(COMPONENTS, spectrum.rank());
        for (int k = 0; k < shown; k++) {
            shares.add(rounded(spectrum.eigenvalues()[k] / total));
        }
        if (lambda != null) {
            ArrayNode weights = node.putArray("lambda");
            double moved = 0;
            for (int k = 0; k < lambda.length; k++) {
                if (k < COMPONENTS) {
                    weights.add(rounded(lambda[k]));
                }
                if (k < spectrum.rank()) {
                    moved += Math.pow(lambda[k] - 1, 2) * spectrum.eigenvalues()[k] / total;
                }
            }
            node.put("moved", rounded(moved));
        }
    }

    private void words(
            ObjectNode node,
            TraceStatistics statistics,
            Spectrum spectrum,
            UnitPoints points,
            @Nullable Dictionary dictionary,
            @Nullable NearestTexts nearest,
            List<String> names) {
        if (dictionary != null) {
            int span = Math.min(spectrum.kept(.99) + 1, spectrum.rank() + 1);
            Description description = TextSpan.of(statistics.of(spectrum.unit()), frame, dictionary, TEXTS, span);
            ArrayNode texts = node.putArray("texts");
            description.terms().forEach(term -> texts.addObject()
                    .put("text", term.text())
                    .put("variance", rounded(term.variance())));
        }
        ArrayNode components = node.putArray("components");
        int d = shape.sharedWidth();
        for (int k = 0; k < Math.min(NAMED, spectrum.rank()); k++) {
            ObjectNode component = components.addObject();
            Extremes ends = Extremes.of(points, frame, names, spectrum, k, ENDS);
            ends(component.putArray("low"), ends.lowest());
            ends(component.putArray("high"), ends.highest());
            if (nearest != null) {
                double[] direction = Arrays.copyOfRange(spectrum.components(), k * d, (k + 1) * d);
                component.set("towards", mapper.valueToTree(nearest.along(direction, 2)));
                double[] opposite = Arrays.stream(direction).map(v -> -v).toArray();
                component.set("away", mapper.valueToTree(nearest.along(opposite, 2)));
            }
        }
    }

    private void ends(ArrayNode target, List<Extremes.End> ends) {
        ends.forEach(end ->
                target.addObject().put("picture", gallery.show(end.name())).put("at", rounded(end.coordinate())));
    }

    /** First those that the adapter put right, then those it put wrong, then others as they come. */
    private void pictures(ArrayNode all) {
        Explainer explainer = new Explainer(frame, adapter, classifier);
        List<Explanation> right = new ArrayList<>();
        List<Explanation> wrong = new ArrayList<>();
        List<Explanation> same = new ArrayList<>();
        Map<Explanation, Integer> labels = new HashMap<>();
        progress.start("taking decisions apart", trace.size());
        int seen = 0;
        for (TraceBlock block : trace.blocks()) {
            for (int i = 0; i < block.size() && right.size() < EXPLAINED; i++) {
                int label = block.labels()[i];
                Explanation explanation = explainer.explain(block, i);
                boolean now = explanation.chosen() == label;
                boolean before = explanation.chosenBefore() == label;
                List<Explanation> kind = now == before ? same : now ? right : wrong;
                if (kind.size() < EXPLAINED) {
                    kind.add(explanation);
                    labels.put(explanation, label);
                }
                progress.at(++seen);
            }
        }
        progress.finish();
        List<Explanation> chosen = new ArrayList<>(right.subList(0, Math.min(right.size(), EXPLAINED / 2)));
        chosen.addAll(wrong.subList(0, Math.min(wrong.size(), EXPLAINED / 4)));
        chosen.addAll(same.subList(0, Math.min(same.size(), EXPLAINED - chosen.size())));
        chosen.forEach(e -> picture(all.addObject(), e, labels.getOrDefault(e, 0)));
    }

    private void picture(ObjectNode node, Explanation explanation, int label) {
        node.put("picture", gallery.show(explanation.picture()))
                .put("label", label)
                .put("chosen", explanation.chosen())
                .put("chosenBefore", explanation.chosenBefore())
                .put("error", explanation.error());
        node.set("before", numbers(explanation.before()));
        node.set("after", numbers(explanation.after()));
        Set<Integer> kept = new LinkedHashSet<>(List.of(label, explanation.chosen(), explanation.chosenBefore()));
        IntStream.range(0, explanation.after().length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer c) -> -explanation.after()[c]))
                .limit(CLASSES)
                .forEach(kept::add);
        int[] classes = kept.stream().limit(CLASSES).mapToInt(Integer::intValue).toArray();
        node.set("classes", mapper.valueToTree(classes));
        ArrayNode units = node.putArray("units");
        for (Explanation.UnitShare share : explanation.units()) {
            ArrayNode one = units.addArray();
            one.add(numbers(
                    Arrays.stream(classes).mapToDouble(c -> share.before()[c]).toArray()));
            one.add(numbers(
                    Arrays.stream(classes).mapToDouble(c -> share.after()[c]).toArray()));
        }
        ArrayNode constants = node.putArray("constants");
        explanation.constants().forEach(k -> constants
                .addObject()
                .put("name", k.name())
                .set(
                        "after",
                        numbers(Arrays.stream(classes)
                                .mapToDouble(c -> k.after()[c])
                                .toArray())));
    }

    /** With six digits after the point, so that sums of some hundred of them still agree to 1e-4. */
    private ArrayNode numbers(double[] values) {
        ArrayNode all = mapper.createArrayNode();
        for (double value : values) {
            all.add(Math.round(value * 1e6) / 1e6);
        }
        return all;
    }

    private static double rounded(double value) {
        return Math.round(value * 1e5) / 1e5;
    }
}
