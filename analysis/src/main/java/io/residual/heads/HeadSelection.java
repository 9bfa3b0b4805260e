package io.residual.heads;

import io.residual.base.Progress;
import io.residual.data.Split;
import io.residual.heads.Ablation.Fill;
import io.residual.units.Trace;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A model reduced to its best heads (Basile et al. 2025, section 3): heads are ranked by a score on the validation split,
 * the first k are kept and everything else is ablated; k is chosen on the validation split, and the test split is
 * measured afterwards.
 */
public final class HeadSelection {
    /** Shares of the heads that are kept; before them comes a single head. */
    public static final List<Double> SHARES = List.of(.01, .05, .1, .25, .5, .75);

    /** Number of rankings for the random score. */
    public static final int RANDOM_SEEDS = 10;

    /** The score by which heads are ranked. */
    public enum Score {
        /** Supervised: a head's own accuracy. */
        SUPERVISED("S"),
        /** Unsupervised: correlation with the sum of all heads. */
        UNSUPERVISED("U"),
        /** Task-conditioned: the same within the span of the class embeddings. */
        TASK("U|T"),
        /** Random rankings, ten of them. */
        RANDOM("R");

        private final String label;

        Score(String label) {
            this.label = label;
        }

        /** Its letter in the paper. */
        public String label() {
            return label;
        }
    }

    /**
     * One number of heads.
     *
     * @param kept k
     * @param validation accuracies; ten for the random score, one for others
     * @param test the same on the test split
     */
    public record Point(int kept, List<Accuracy> validation, List<Accuracy> test) {
        /** Mean accuracy over rankings. */
        public double validationMean() {
            return mean(validation);
        }

        /** Mean over rankings. */
        public double testMean() {
            return mean(test);
        }

        /** Deviation over rankings, divisor n − 1; 0 for one ranking. */
        public double testDeviation() {
            double mean = testMean();
            double squares = test.stream()
                    .mapToDouble(a -> Math.pow(a.value() - mean, 2))
                    .sum();
            return test.size() < 2 ? 0 : Math.sqrt(squares / (test.size() - 1));
        }

        private static double mean(List<Accuracy> accuracies) {
            return accuracies.stream().mapToDouble(Accuracy::value).average().orElse(Double.NaN);
        }
    }

    /**
     * One score with one way of ablating.
     *
     * @param chosen index of the point that does best on validation; the fewest heads of equals
     */
    public record Curve(Score score, Fill fill, List<Point> points, int chosen) {
        /** The point that was chosen on validation. */
        public Point best() {
            return points.get(chosen);
        }
    }

    /** One of {@link #measure}'s figures for whole layers. {@code test}: one a layer, or up to and including a layer. */
    public record Layers(String removed, boolean cumulative, Fill fill, List<Accuracy> test) {}

    /**
     * The results of a selection.
     *
     * @param full accuracy of the whole model
     * @param headsOnly accuracy of all heads with everything else ablated, by kind of ablation
     * @param rankings of heads, the best first; ten for the random score
     */
    public record Result(
            Accuracy full,
            Map<Fill, Accuracy> headsOnly,
            List<Curve> curves,
            List<Layers> layers,
            Map<Score, List<List<UnitId>>> rankings) {
        /** All heads, everything else ablated in one way. */
        public Accuracy headsOnly(Fill fill) {
            return Objects.requireNonNull(headsOnly.get(fill));
        }
    }

    private final Trace<Split.Validation> validation;
    private final Classifier classifier;
    private final boolean othersKept;
    private final Map<Score, List<List<UnitId>>> rankings = new EnumMap<>(Score.class);
    private final List<Integer> sizes;

    /**
     * Ranks the heads on validation images.
     *
     * @param othersKept whether the embedding and the MLPs stay; in the paper they are ablated too
     */
    public HeadSelection(
            Trace<Split.Validation> validation,
            Classifier classifier,
            boolean othersKept,
            long seed,
            Progress progress) {
        this.validation = validation;
        this.classifier = classifier;
        this.othersKept = othersKept;
        List<UnitId> heads = validation.shape().headIds();
        progress.start("scoring heads", 3);
        rankings.put(Score.SUPERVISED, List.of(ranked(heads, HeadScores.accuracy(validation, classifier))));
        progress.at(1);
        rankings.put(Score.UNSUPERVISED, List.of(ranked(heads, HeadScores.correlation(validation))));
        progress.at(2);
        rankings.put(Score.TASK, List.of(ranked(heads, HeadScores.taskCorrelation(validation, classifier))));
        progress.finish();
        List<List<UnitId>> shuffled = new ArrayList<>();
        for (int i = 0; i < RANDOM_SEEDS; i++) {
            List<UnitId> order = new ArrayList<>(heads);
            Collections.shuffle(order, new Random(seed + i));
            shuffled.add(List.copyOf(order));
        }
        rankings.put(Score.RANDOM, List.copyOf(shuffled));
        sizes = sizes(heads.size());
    }

    /** One head, then each share of them, without repeats. */
    static List<Integer> sizes(int heads) {
        return IntStream.concat(
                        IntStream.of(1), SHARES.stream().mapToInt(s -> (int) Math.max(1, Math.round(s * heads))))
                .distinct()
                .boxed()
                .toList();
    }

    /** Heads by falling score; of equals the earlier first. */
    static List<UnitId> ranked(List<UnitId> heads, double[] scores) {
        return IntStream.range(0, scores.length)
                .boxed()
                .sorted((a, b) -> Double.compare(scores[b], scores[a]))
                .map(heads::get)
                .toList();
    }

    /** Rankings by score, in the order of scores: files made of them are the same each time. */
    public Map<Score, List<List<UnitId>>> rankings() {
        return Collections.unmodifiableMap(new EnumMap<>(rankings));
    }

    private record Plan(Score score, Fill fill, int kept, int ranking) {}

    /** Measures on the test split what was ranked, and says what was chosen, on validation. */
    public Result measure(Trace<Split.Test> test) {
        UnitShape shape = test.shape();
        List<Plan> plans = new ArrayList<>();
        List<Ablation> ablations = new ArrayList<>();
        for (Score score : Score.values()) {
            for (Fill fill : Fill.values()) {
                for (int kept : sizes) {
                    for (int r = 0; r < all(score).size(); r++) {
                        plans.add(new Plan(score, fill, kept, r));
                        ablations.add(keeping(shape, all(score).get(r).subList(0, kept), fill));
                    }
                }
            }
        }
        List<Accuracy> chosenOn = Ablation.accuracies(ablations, validation, classifier, validation);
        ablations.add(Ablation.keeping(shape.ids(), Fill.ZERO));
        for (Fill fill : Fill.values()) {
            ablations.add(Ablation.keeping(shape.headIds(), fill));
        }
        List<Accuracy> measured = Ablation.accuracies(ablations, test, classifier, validation);
        Map<Fill, Accuracy> headsOnly = new EnumMap<>(Fill.class);
        for (Fill fill : Fill.values()) {
            headsOnly.put(fill, measured.get(plans.size() + 1 + fill.ordinal()));
        }
        return new Result(
                measured.get(plans.size()), headsOnly, curves(plans, chosenOn, measured), layers(test), rankings());
    }

    private List<List<UnitId>> all(Score score) {
        return rankings.getOrDefault(score, List.of());
    }

    private Ablation keeping(UnitShape shape, List<UnitId> heads, Fill fill) {
        Set<UnitId> kept = new HashSet<>(heads);
        if (othersKept) {
            kept.add(shape.unit(0));
            kept.addAll(shape.mlpIds());
        }
        return new Ablation(kept, fill);
    }

    private List<Curve> curves(List<Plan> plans, List<Accuracy> chosenOn, List<Accuracy> measured) {
        List<Curve> curves = new ArrayList<>();
        for (Score score : Score.values()) {
            for (Fill fill : Fill.values()) {
                List<Point> points = new ArrayList<>();
                int best = 0;
                for (int kept : sizes) {
                    List<Accuracy> validated = new ArrayList<>();
                    List<Accuracy> tested = new ArrayList<>();
                    for (int i = 0; i < plans.size(); i++) {
                        Plan plan = plans.get(i);
                        if (plan.score == score && plan.fill == fill && plan.kept == kept) {
                            validated.add(chosenOn.get(i));
                            tested.add(measured.get(i));
                        }
                    }
                    points.add(new Point(kept, validated, tested));
                    if (points.get(points.size() - 1).validationMean()
                            > points.get(best).validationMean()) {
                        best = points.size() - 1;
                    }
                }
                curves.add(new Curve(score, fill, points, best));
            }
        }
        return curves;
    }

    /** Accuracies with whole layers ablated, singly and cumulatively. Nothing is selected by them. */
    private List<Layers> layers(Trace<Split.Test> test) {
        UnitShape shape = test.shape();
        List<Ablation> ablations = new ArrayList<>();
        List<Layers> described = new ArrayList<>();
        for (String removed : List.of("heads", "MLPs", "heads and MLPs")) {
            for (boolean cumulative : new boolean[] {false, true}) {
                for (Fill fill : Fill.values()) {
                    for (int l = 0; l < shape.layers(); l++) {
                        int layer = l;
                        List<UnitId> gone = shape.ids().stream()
                                .filter(u -> cumulative ? u.layer() <= layer : u.layer() == layer)
                                .filter(u -> (u.kind() == UnitId.Kind.HEAD && removed.startsWith("heads"))
                                        || (u.kind() == UnitId.Kind.MLP && removed.endsWith("MLPs")))
                                .toList();
                        ablations.add(Ablation.of(shape, gone, fill));
                    }
                    described.add(new Layers(removed, cumulative, fill, List.of()));
                }
            }
        }
        List<Accuracy> measured = Ablation.accuracies(ablations, test, classifier, validation);
        List<Layers> layers = new ArrayList<>();
        for (int i = 0; i < described.size(); i++) {
            Layers d = described.get(i);
            layers.add(new Layers(
                    d.removed, d.cumulative, d.fill, measured.subList(i * shape.layers(), (i + 1) * shape.layers())));
        }
        return layers;
    }
}
