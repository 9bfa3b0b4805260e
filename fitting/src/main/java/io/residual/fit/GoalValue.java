package io.residual.fit;

import io.residual.fit.AlignmentSettings.Goal;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * How well some logits do: what is to be improved, and the mean loss, which decides between equals.
 *
 * @param goal a share of images, the larger the better
 * @param loss mean cross-entropy
 */
record GoalValue(double goal, double loss) {
    /** A loss must fall by this share to count where the goal stays as it is. */
    private static final double GAIN = 1e-4;

    /** {@code logits} [n, C]. */
    static GoalValue of(Goal goal, Tensor logits, int... labels) {
        return of(goal, logits, labels, labels);
    }

    /** The same where the worst is not sought among classes. {@code logits} [n, C], {@code groups} [n]. */
    static GoalValue of(Goal goal, Tensor logits, int[] labels, int[] groups) {
        double loss = Ops.crossEntropy(logits, Tensors.indices(labels)).item_double();
        int[] said = Tensors.ints(Ops.argmaxRows(logits));
        int most = 1 + Arrays.stream(groups).max().orElse(0);
        int[] right = new int[most];
        int[] of = new int[most];
        int sum = 0;
        for (int i = 0; i < said.length; i++) {
            of[groups[i]]++;
            if (said[i] == labels[i]) {
                right[groups[i]]++;
                sum++;
            }
        }
        double worst = 1;
        for (int g = 0; g < most; g++) {
            worst = of[g] == 0 ? worst : Math.min(worst, (double) right[g] / of[g]);
        }
        return new GoalValue(
                switch (goal) {
                    case ACCURACY -> (double) sum / Math.max(1, said.length);
                    case WORST_CLASS -> worst;
                },
                loss);
    }

    boolean isBetterThan(GoalValue other) {
        return Double.isFinite(loss)
                && (goal > other.goal || (goal == other.goal && loss < other.loss - GAIN * Math.abs(other.loss)));
    }

    /** Every other image of each class (or of each group of it): the rows that choose, and those that say where to stop. */
    static int[][] halves(int... labels) {
        int[] seen = new int[Arrays.stream(labels).max().orElse(0) + 1];
        List<List<Integer>> halves = List.of(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < labels.length; i++) {
            halves.get((labels[i] + seen[labels[i]]++) % 2).add(i); // classes of one image go to either half
        }
        return new int[][] {
            halves.get(0).stream().mapToInt(i -> i).toArray(),
            halves.get(1).stream().mapToInt(i -> i).toArray()
        };
    }
}
