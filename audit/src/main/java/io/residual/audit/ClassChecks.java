package io.residual.audit;

import io.residual.data.SplitNames.Part;
import io.residual.zeroshot.Accuracy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What is unusual about the classes.
 *
 * @param counts images of each class in each split, [classes][splits]
 * @param missing classes without images in a split
 * @param imbalance images of the largest class over those of the smallest, over all splits
 * @param confused pairs of classes that are mistaken for one another, the worst first
 */
public record ClassChecks(int[][] counts, List<Missing> missing, double imbalance, List<Confused> confused) {
    /** A class without images in a split. */
    public record Missing(int label, Part part) {}

    /**
     * Two classes.
     *
     * @param apart accuracy of telling images of the two apart, each predicted without itself
     * @param inseparable whether that cannot be told from always naming the more frequent one
     * @param examples images of either that are taken for the other, at most eight, the clearest first
     */
    public record Confused(int first, int second, Accuracy apart, boolean inseparable, List<Integer> examples) {}

    private static final int MOST = 12;
    private static final int EXAMPLES = 8;

    /** Pairs that are told apart more often than this are no finding. */
    private static final double FINE = .9;

    /** Checks the classes. */
    static ClassChecks of(
            AuditImages images, int[] labels, @org.jspecify.annotations.Nullable OutOfSample predictions) {
        int classes = images.classes().size();
        int[][] counts = new int[classes][Part.values().length];
        for (int i = 0; i < labels.length; i++) {
            counts[labels[i]][images.part(i).ordinal()]++;
        }
        List<Missing> missing = new ArrayList<>();
        int least = Integer.MAX_VALUE;
        int most = 0;
        for (int c = 0; c < classes; c++) {
            int all = 0;
            for (Part part : Part.values()) {
                all += counts[c][part.ordinal()];
                if (counts[c][part.ordinal()] == 0) {
                    missing.add(new Missing(c, part));
                }
            }
            least = Math.min(least, all);
            most = Math.max(most, all);
        }
        return new ClassChecks(
                counts,
                List.copyOf(missing),
                least == 0 ? Double.POSITIVE_INFINITY : (double) most / least,
                predictions == null ? List.of() : confused(predictions, labels));
    }

    private static List<Confused> confused(OutOfSample predictions, int[] labels) {
        int classes = predictions.classes();
        int[][] right = new int[classes][classes];
        int[][] of = new int[classes][classes];
        int[] rows = predictions.rows();
        for (int r = 0; r < rows.length; r++) {
            int own = labels[rows[r]];
            for (int c = 0; c < classes; c++) {
                of[own][c]++;
                right[own][c] += predictions.probability(r, own) > predictions.probability(r, c) ? 1 : 0;
            }
        }
        List<Confused> pairs = new ArrayList<>();
        for (int a = 0; a < classes; a++) {
            for (int b = a + 1; b < classes; b++) {
                if (of[a][b] > 0 && of[b][a] > 0) {
                    Accuracy apart = new Accuracy(right[a][b] + right[b][a], of[a][b] + of[b][a]);
                    double majority = Math.max(of[a][b], of[b][a]) / (double) apart.of();
                    if (apart.high() < FINE || apart.low() <= majority) {
                        pairs.add(new Confused(a, b, apart, apart.low() <= majority, List.of()));
                    }
                }
            }
        }
        return pairs.stream()
                .sorted(Comparator.comparingDouble(p -> p.apart.value()))
                .limit(MOST)
                .map(p -> new Confused(p.first, p.second, p.apart, p.inseparable, examples(predictions, labels, p)))
                .toList();
    }

    private static List<Integer> examples(OutOfSample predictions, int[] labels, Confused pair) {
        record Wrong(int image, double margin) {}
        List<Wrong> wrong = new ArrayList<>();
        int[] rows = predictions.rows();
        for (int r = 0; r < rows.length; r++) {
            int own = labels[rows[r]];
            if (own == pair.first || own == pair.second) {
                int other = own == pair.first ? pair.second : pair.first;
                double margin = predictions.probability(r, other) - predictions.probability(r, own);
                if (margin > 0) {
                    wrong.add(new Wrong(rows[r], margin));
                }
            }
        }
        return wrong.stream()
                .sorted(Comparator.comparingDouble((Wrong w) -> -w.margin))
                .limit(EXAMPLES)
                .map(Wrong::image)
                .toList();
    }
}
