package io.residual.audit;

import io.residual.audit.LabelErrors.Suspect;
import io.residual.base.Progress;
import io.residual.data.Dataset;
import io.residual.data.LabelFixes;
import io.residual.data.SplitNames.Part;
import io.residual.description.NearestTexts;
import io.residual.report.EmbeddingMap;
import io.residual.spectrum.Features;
import io.residual.spectrum.NeighbourMap;
import io.residual.spectrum.Neighbours;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that an audit found. What needs embeddings is null or empty where there are none.
 *
 * @param labels class of every image
 * @param facts of every image
 * @param reasons of the first {@link #EXPLAINED} suspects, and of the confused pairs; null without embeddings
 * @param map x and y of every image on the neighbour map, NaN where there is none; null without embeddings
 * @param notes what was not looked for, one sentence each with what to do
 */
public record Findings(
        AuditImages images,
        int[] labels,
        ImageFacts[] facts,
        @Nullable Features features,
        @Nullable OutOfSample predictions,
        Twins twins,
        Leaks leaks,
        List<Suspect> suspects,
        ClassChecks classes,
        ImageChecks single,
        Shortcuts shortcuts,
        @Nullable Reasons reasons,
        float @Nullable [] map,
        List<String> notes) {
    /** Suspects whose reasons are worked out. */
    public static final int EXPLAINED = 60;

    private static final long SEED = 42;

    /**
     * Audits a data set.
     *
     * @param tracing where embeddings come from, or null for pixels and files alone
     */
    public static Findings of(Dataset dataset, @Nullable Tracing tracing, Progress progress) {
        return of(new AuditImages(dataset), tracing, null, dataset.notes(), progress);
    }

    /**
     * The same.
     *
     * @param words texts to describe units by, or null
     * @param notes what is known of the data set, one sentence each
     */
    public static Findings of(
            AuditImages images,
            @Nullable Tracing tracing,
            @Nullable NearestTexts words,
            List<String> notes,
            Progress progress) {
        return of(images, ImageFacts.of(images, progress), tracing, words, notes, progress);
    }

    /** The same of images whose facts are known. */
    static Findings of(
            AuditImages images,
            ImageFacts[] facts,
            @Nullable Tracing tracing,
            @Nullable NearestTexts words,
            List<String> given,
            Progress progress) {
        List<String> notes = new ArrayList<>(given);
        int[] labels = images.labels();
        int count = images.classes().size();
        Features features = tracing == null ? null : tracing.features(images, progress);
        Neighbours neighbours = features == null ? null : Neighbours.of(features, EmbeddingMap.NEIGHBOURS, progress);
        if (features == null) {
            notes.add("label errors, outliers, confused classes and cropped copies were not looked for: give --model or"
                    + " --trace");
        } else {
            int without = labels.length - features.rows().length;
            if (without > 0) {
                notes.add(without + " of " + labels.length
                        + " images have no embedding (unreadable, or in no trace): label"
                        + " errors, outliers and cropped copies were not looked for among them");
            }
        }
        if (facts.length > Twins.MOST_FINGERPRINTED) {
            notes.add((features == null
                            ? "re-encoded, resized and mirrored copies were not looked for"
                            : "copies were looked for among nearest embeddings alone")
                    + ": there are more than " + Twins.MOST_FINGERPRINTED + " images");
        }
        Twins twins = Twins.of(facts, neighbours, progress);
        int[] groups = twins.groupOf(labels.length);
        OutOfSample predictions = features == null ? null : OutOfSample.of(features, labels, groups, count);
        List<Suspect> suspects = predictions == null
                ? List.of()
                : LabelErrors.of(predictions, labels).suspects();
        ClassChecks classes = ClassChecks.of(images, labels, predictions);
        Reasons reasons = features == null || tracing == null || predictions == null
                ? null
                : Reasons.of(
                        images,
                        features,
                        predictions,
                        groups,
                        tracing,
                        labels,
                        suspects.subList(0, Math.min(EXPLAINED, suspects.size())),
                        classes.confused(),
                        words,
                        progress);
        return new Findings(
                images,
                labels,
                facts,
                features,
                predictions,
                twins,
                Leaks.of(images, twins, labels, features),
                suspects,
                classes,
                ImageChecks.of(facts, neighbours, groups),
                Shortcuts.of(facts, labels, count, SEED),
                reasons,
                features == null || neighbours == null
                        ? null
                        : NeighbourMap.of(neighbours, features.map(), EmbeddingMap.SEED),
                List.copyOf(notes));
    }

    /** The same without the doubtful labels that somebody has reviewed. */
    public Findings reviewed(LabelFixes fixes) {
        boolean[] known = fixes.reviewed(
                IntStream.range(0, labels.length).mapToObj(images::name).toList(), LabelFixes.Action.LABEL);
        List<Suspect> open = new ArrayList<>();
        List<Reasons.Reason> left = new ArrayList<>();
        for (int s = 0; s < suspects.size(); s++) {
            if (!known[suspects.get(s).image()]) {
                open.add(suspects.get(s));
                if (reasons != null && s < reasons.bySuspect().size()) {
                    left.add(reasons.bySuspect().get(s));
                }
            }
        }
        int settled = suspects.size() - open.size();
        List<String> more = new ArrayList<>(notes);
        if (settled > 0) {
            more.add(settled + " doubtful " + (settled == 1 ? "label is" : "labels are") + " left out: "
                    + fixes.file().getFileName() + " has decided " + (settled == 1 ? "it" : "them"));
        }
        return new Findings(
                images,
                labels,
                facts,
                features,
                predictions,
                twins,
                leaks,
                List.copyOf(open),
                classes,
                single,
                shortcuts,
                reasons == null ? null : new Reasons(left, reasons.byPair()),
                map,
                List.copyOf(more));
    }

    /** Whether a group of twins lies in several splits. */
    public boolean isAcross(int[] group) {
        return Arrays.stream(group).mapToObj(images::part).distinct().count() > 1;
    }

    /** Whether a group of twins has several labels. */
    public boolean isContradictory(int[] group) {
        return Arrays.stream(group).map(i -> labels[i]).distinct().count() > 1;
    }

    /** The split in which a group of twins stays together: where most of it is; of equal ones the earlier, so that the test stays honest. */
    public Part home(int[] group) {
        int[] counts = new int[Part.values().length];
        Arrays.stream(group).forEach(i -> counts[images.part(i).ordinal()]++);
        int best = IntStream.range(0, counts.length)
                .reduce((a, b) -> counts[b] > counts[a] ? b : a)
                .orElse(0);
        return Part.values()[best];
    }

    /** The strongest relation of an image to another of its group. */
    public Twins.@Nullable Pair pairOf(int image) {
        return twins.pairs().stream()
                .filter(p -> p.first() == image || p.second() == image)
                .min(java.util.Comparator.comparing(Twins.Pair::kind))
                .orElse(null);
    }

    /** The findings in sentences, the gravest first. */
    public List<String> sentences() {
        List<String> lines = new ArrayList<>();
        int leaked = leaks.images().size();
        if (leaked > 0) {
            String said =
                    leaked + (leaked == 1 ? " image of validation or test has" : " images of validation or test have")
                            + " a twin in an earlier split: scores come out too good";
            var with = leaks.withTwin();
            var without = leaks.without();
            lines.add(said
                    + (with == null || without == null
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    " (nearest neighbours are right on %.1f %% of %d test images with a twin in"
                                            + " training, on %.1f %% [%.1f, %.1f] of the other %d)",
                                    100 * with.value(),
                                    with.of(),
                                    100 * without.value(),
                                    100 * without.low(),
                                    100 * without.high(),
                                    without.of())));
        }
        if (!suspects.isEmpty()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%d labels (%.1f %%) are doubtful: predictions without the image name another class",
                    suspects.size(),
                    100.0 * suspects.size() / labels.length));
        }
        long contradictory =
                twins.groups().stream().filter(this::isContradictory).count();
        if (contradictory > 0) {
            lines.add(contradictory + (contradictory == 1 ? " group of twins has" : " groups of twins have")
                    + " several labels");
        }
        shortcuts
                .grave()
                .forEach(s -> lines.add(String.format(
                        Locale.ROOT,
                        "the %s alone predicts the label: %.0f %% against %.0f %% by chance (p = %.3f); it finds '%s'"
                                + " with a precision of %.0f %% and a recall of %.0f %%",
                        s.attribute(),
                        100 * s.accuracy(),
                        100 * s.chance(),
                        s.p(),
                        images.classes().get(s.best()),
                        100 * s.precision(),
                        100 * s.recall())));
        int copies = twins.groups().stream().mapToInt(g -> g.length - 1).sum();
        if (copies > 0) {
            lines.add(copies + (copies == 1 ? " image is a copy" : " images are copies") + " of another ("
                    + twins.groups().size() + " groups)");
        }
        classes.missing()
                .forEach(m -> lines.add("the class '" + images.classes().get(m.label()) + "' has no image in "
                        + m.part().id()));
        long inseparable = classes.confused().stream()
                .filter(ClassChecks.Confused::inseparable)
                .count();
        if (inseparable > 0) {
            lines.add(inseparable + (inseparable == 1 ? " pair of classes" : " pairs of classes")
                    + " cannot be told apart by this model");
        }
        if (classes.imbalance() >= 5) {
            lines.add(String.format(
                    Locale.ROOT,
                    "the largest class has %.0f times as many images as the smallest",
                    classes.imbalance()));
        }
        if (!single.odd().isEmpty()) {
            lines.add(single.odd().size() + (single.odd().size() == 1 ? " image is" : " images are")
                    + " unreadable, blank, tiny or extreme");
        }
        if (!single.outliers().isEmpty()) {
            lines.add(single.outliers().size() + (single.outliers().size() == 1 ? " image is" : " images are")
                    + " unlike all others");
        }
        return lines.isEmpty() ? List.of("nothing was found") : List.copyOf(lines);
    }
}
