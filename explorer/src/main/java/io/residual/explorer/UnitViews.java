package io.residual.explorer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.LiveWeights;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.data.Split;
import io.residual.description.Description;
import io.residual.description.Dictionary;
import io.residual.description.NearestTexts;
import io.residual.description.TextMatrix;
import io.residual.description.UnitTexts;
import io.residual.heads.Ablation;
import io.residual.heads.Ablation.Fill;
import io.residual.heads.HeadScores;
import io.residual.spectrum.Extremes;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.TraceStatistics;
import io.residual.spectrum.TwoNn;
import io.residual.tensor.NativeScope;
import io.residual.units.Trace;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.units.UnitPoints;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import io.residual.zeroshot.PairedDifference;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The pages of units: measures, spectrum, λ, text descriptions, images at both extremes of components. */
final class UnitViews {
    /** Components whose spectrum and weights are shown. */
    static final int COMPONENTS = 24;

    /** Components that get words and images. */
    private static final int NAMED = 2;

    private static final int ENDS = 4;
    private static final int TEXTS = 5;

    private final Trace<Split.Validation> trace;
    private final UnitFrame frame;
    private final UnitShape shape;
    private final Classifier classifier;
    private final Adapter adapter;
    private final Gallery gallery;
    private final @Nullable Dictionary dictionary;
    private final Progress progress;

    UnitViews(ReportSource source, Classifier classifier, Adapter adapter, Gallery gallery, Progress progress) {
        this.trace = source.validation();
        this.frame = trace.frame();
        this.shape = trace.shape();
        this.classifier = classifier;
        this.adapter = adapter;
        this.gallery = gallery;
        this.dictionary = source.dictionary();
        this.progress = progress;
    }

    /** Adds {@code units}, and the accuracy of all of them together. */
    void write(ObjectNode root) {
        TraceStatistics statistics = new TraceStatistics().add(trace.blocks());
        List<UnitId> ids = shape.ids();
        Map<UnitId, Weighed> weights = weighed(adapter, classifier, trace);
        progress.start("analysing single heads", 3);
        double[] alone = HeadScores.accuracy(trace, classifier);
        progress.at(1);
        double[] correlation = HeadScores.correlation(trace);
        progress.at(2);
        List<Ablation> without = ids.stream()
                .map(id -> Ablation.keeping(
                        ids.stream().filter(other -> !other.equals(id)).toList(), Fill.MEAN))
                .toList();
        BitSet whole = Ablation.correct(List.of(Ablation.keeping(ids, Fill.MEAN)), trace, classifier, trace)
                .get(0);
        List<BitSet> ablated = Ablation.correct(without, trace, classifier, trace);
        progress.finish();
        NearestTexts nearest = dictionary == null ? null : new NearestTexts(dictionary);
        List<String> names = trace.names();
        ArrayNode all = root.putArray("units");
        root.put("accuracy", (double) whole.cardinality() / trace.size());
        progress.start("describing units", ids.size());
        try (TextMatrix words = dictionary == null ? null : new TextMatrix(dictionary)) {
            for (UnitId id : ids) {
                Spectrum spectrum = Pca.of(statistics.of(id), frame);
                UnitPoints points = UnitPoints.of(trace, id);
                ObjectNode node = all.addObject()
                        .put("unit", id.toString())
                        .put("kind", id.kind().name().toLowerCase(Locale.ROOT))
                        .put("layer", id.layer())
                        .put("head", id.head())
                        .put("rank", spectrum.rank())
                        .put("dimension", spectrum.rank() == 0 ? 0 : spectrum.kept(.99));
                change(node, whole, ablated.get(shape.index(id)));
                double nonlinear = TwoNn.dimension(points, frame);
                if (!Double.isNaN(nonlinear)) {
                    node.put("two_nn", rounded(nonlinear));
                }
                if (id.kind() == UnitId.Kind.HEAD) {
                    int head = shape.index(id) - 1;
                    node.put("alone", rounded(alone[head])).put("correlation", rounded(correlation[head]));
                }
                Weighed weighed = weights.get(id);
                Spectrum basis =
                        weighed == null ? spectrum : weighed.basis(); // the components that λ weighs, where there are λ
                spectrum(node, basis, spectrum.totalVariance(), weighed);
                if (spectrum.rank() > 0) {
                    texts(node, statistics, spectrum, basis, points, words);
                    components(node, basis, points, nearest, names);
                }
                progress.at(all.size());
            }
        }
        progress.finish();
    }

    /** What ablating a unit changes, image by image, and whether that can be told from nothing. */
    private void change(ObjectNode node, BitSet whole, BitSet without) {
        BitSet gained = (BitSet) without.clone();
        gained.andNot(whole);
        BitSet lost = (BitSet) whole.clone();
        lost.andNot(without);
        PairedDifference difference = new PairedDifference(gained.cardinality(), lost.cardinality(), trace.size());
        node.put("without", rounded(difference.value()));
        node.putArray("without_interval").add(rounded(difference.low())).add(rounded(difference.high()));
        node.put("without_told", difference.told());
    }

    /** The components of a basis, those with most variance along these images first. */
    private static int[] byVariance(Spectrum basis) {
        return IntStream.range(0, basis.rank())
                .boxed()
                .sorted(Comparator.comparingDouble((Integer k) -> -basis.eigenvalues()[k]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /**
     * A unit's own components as an adapter has them, with the variance that these images have along them.
     *
     * @param lambda their weights
     * @param moved Σ (λ − 1)² over components, weighted by their variance
     */
    record Weighed(Spectrum basis, float[] lambda, double moved) {}

    /** The weighed components of an adapter, by unit; empty for an adapter without components of units. */
    static Map<UnitId, Weighed> weighed(Adapter adapter, Classifier classifier, Trace<Split.Validation> trace) {
        Map<UnitId, Weighed> all = new HashMap<>();
        Adapter.Spectral spectral = adapter.spectral();
        if (spectral == null || !(spectral.design() instanceof ComponentDesign design)) {
            return all;
        }
        double[] variances;
        try (LiveWeights live = new LiveWeights(spectral, classifier, trace)) {
            variances = live.variances();
        }
        int from = 0;
        for (ComponentDesign.Part part : design.parts()) {
            double[] mean = new double[part.mean().length];
            Arrays.setAll(mean, i -> part.mean()[i]);
            double[] components = new double[part.components().length];
            Arrays.setAll(components, i -> part.components()[i]);
            double[] own = Arrays.copyOfRange(variances, from, from + part.kept());
            float[] lambda = Arrays.copyOfRange(spectral.lambdas(), from, from + part.kept());
            double moved = 0;
            double total = 0;
            for (int k = 0; k < own.length; k++) {
                moved += Math.pow(lambda[k] - 1, 2) * own[k];
                total += own[k];
            }
            Spectrum basis = new Spectrum(part.unit(), trace.size(), mean, own, components);
            all.put(part.unit(), new Weighed(basis, lambda, total == 0 ? 0 : moved / total));
            from += part.kept();
        }
        return all;
    }

    /** Shares of variance in falling order, the component of each, and its λ. */
    private void spectrum(ObjectNode node, Spectrum basis, double total, @Nullable Weighed weighed) {
        int[] order = byVariance(basis);
        node.put("first_share", order.length == 0 ? 0 : rounded(basis.eigenvalues()[order[0]] / total));
        ArrayNode shares = node.putArray("shares");
        ArrayNode numbers = node.putArray("order");
        for (int i = 0; i < Math.min(COMPONENTS, order.length); i++) {
            shares.add(rounded(basis.eigenvalues()[order[i]] / total));
            numbers.add(order[i]);
        }
        if (weighed != null) {
            ArrayNode weights = node.putArray("lambda");
            for (int i = 0; i < Math.min(COMPONENTS, order.length); i++) {
                weights.add(rounded(weighed.lambda()[order[i]]));
            }
            node.put("weighed", weighed.lambda().length).put("moved", rounded(weighed.moved()));
        }
    }

    private void texts(
            ObjectNode node,
            TraceStatistics statistics,
            Spectrum spectrum,
            Spectrum basis,
            UnitPoints points,
            @Nullable TextMatrix words) {
        if (words == null) {
            return;
        }
        int span = Math.min(spectrum.kept(.99) + 1, spectrum.rank() + 1);
        try (NativeScope scope = NativeScope.inference()) {
            UnitTexts unit = new UnitTexts(statistics.of(spectrum.unit()), frame, words);
            terms(node.putArray("texts"), unit.span(TEXTS, span));
            terms(node.putArray("somp"), unit.images(points, TEXTS));
            if (basis.rank() > 0) {
                int d = shape.sharedWidth();
                int most = byVariance(basis)[0];
                double[] first = Arrays.copyOfRange(basis.components(), most * d, (most + 1) * d);
                terms(node.putArray("omp"), unit.direction(first, TEXTS));
            }
        }
    }

    private static void terms(ArrayNode target, Description description) {
        description.terms().forEach(term -> target.addObject()
                .put("text", term.text())
                .put("weight", rounded(term.weight()))
                .put("variance", rounded(term.variance())));
    }

    private void components(
            ObjectNode node, Spectrum basis, UnitPoints points, @Nullable NearestTexts nearest, List<String> names) {
        ArrayNode components = node.putArray("components");
        int d = shape.sharedWidth();
        for (int k : Arrays.stream(byVariance(basis)).limit(NAMED).toArray()) {
            if (!(basis.eigenvalues()[k] > 0)) {
                continue; // nothing varies along it: no image stands at an end
            }
            ObjectNode component = components.addObject().put("component", k);
            Extremes ends = Extremes.of(points, frame, names, basis, k, ENDS);
            ends(component.putArray("low"), ends.lowest());
            ends(component.putArray("high"), ends.highest());
            if (nearest != null) {
                double[] direction = Arrays.copyOfRange(basis.components(), k * d, (k + 1) * d);
                NearestTexts.Ends texts = nearest.ends(direction, 2);
                component.set("towards", Json.of(texts.towards()));
                component.set("away", Json.of(texts.away()));
            }
        }
    }

    private void ends(ArrayNode target, List<Extremes.End> ends) {
        ends.forEach(
                end -> target.addObject().put("image", gallery.show(end.name())).put("at", rounded(end.coordinate())));
    }

    static double rounded(double value) {
        return Math.round(value * 1e5) / 1e5;
    }
}
