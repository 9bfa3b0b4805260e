package io.residual.heads;

import io.residual.data.Split;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.Classifier;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * A model with some units kept and the others replaced (Gandelsman et al. 2024, section 3.2).
 *
 * @param kept the units that stay
 * @param fill replacement for the others
 */
public record Ablation(Set<UnitId> kept, Fill fill) {
    /** The replacement for an ablated unit. */
    public enum Fill {
        /** Zero. */
        ZERO,
        /** Its mean over reference images. */
        MEAN
    }

    public Ablation {
        kept = Set.copyOf(kept);
    }

    /** Keeps the given units and ablates all others. */
    public static Ablation keeping(Collection<UnitId> units, Fill fill) {
        return new Ablation(Set.copyOf(units), fill);
    }

    /** Ablates the given units and keeps all others. */
    public static Ablation of(UnitShape shape, Collection<UnitId> units, Fill fill) {
        return new Ablation(
                Set.copyOf(shape.ids().stream().filter(u -> !units.contains(u)).toList()), fill);
    }

    /**
     * The accuracies of many ablations of one model on the same images, in one pass.
     *
     * @param means the images whose means take an ablated unit's place
     */
    public static List<Accuracy> accuracies(
            List<Ablation> ablations,
            Trace<? extends Split> trace,
            Classifier classifier,
            Trace<? extends Split> means) {
        return correct(ablations, trace, classifier, means).stream()
                .map(right -> new Accuracy(right.cardinality(), trace.size()))
                .toList();
    }

    /**
     * The images that each of many ablations is right on, by their place in the trace, in one pass.
     *
     * @param means the images whose means take an ablated unit's place
     */
    public static List<BitSet> correct(
            List<Ablation> ablations,
            Trace<? extends Split> trace,
            Classifier classifier,
            Trace<? extends Split> means) {
        ClassScores scores = ClassScores.of(trace.frame(), classifier);
        UnitShape shape = trace.shape();
        int units = shape.units();
        int classes = scores.classes();
        float[] masks = new float[ablations.size() * units];
        float[] filled = new float[ablations.size() * classes];
        double[] mean = ablations.stream().anyMatch(a -> a.fill == Fill.MEAN) ? scores.means(means) : new double[0];
        for (int a = 0; a < ablations.size(); a++) {
            for (UnitId unit : shape.ids()) {
                int u = shape.index(unit);
                if (ablations.get(a).kept.contains(unit)) {
                    masks[a * units + u] = 1;
                } else if (ablations.get(a).fill == Fill.MEAN) {
                    for (int c = 0; c < classes; c++) {
                        filled[a * classes + c] += (float) mean[u * classes + c];
                    }
                }
            }
        }
        List<BitSet> right =
                ablations.stream().map(a -> new BitSet(trace.size())).toList();
        int[] done = new int[1];
        scores.forEach(trace, (block, said) -> {
            long n = block.size();
            int all = right.size();
            Tensor sums = Tensors.of(masks, all, units)
                    .matmul(said.reshape(units, n * classes))
                    .view(all, n, classes)
                    .add(Tensors.of(filled, all, 1, classes));
            int[] chosen = Tensors.ints(Ops.argmaxRows(sums.reshape(all * n, classes)));
            for (int i = 0; i < chosen.length; i++) {
                int row = i % block.size();
                right.get(i / block.size()).set(done[0] + row, chosen[i] == block.labels()[row]);
            }
            done[0] += block.size();
        });
        return right;
    }
}
