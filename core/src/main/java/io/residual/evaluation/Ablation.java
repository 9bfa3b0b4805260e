package io.residual.evaluation;

import io.residual.images.Split;
import io.residual.tensor.Ops;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Embeddings with some units kept and the others replaced (Gandelsman et al. 2024, section 3.2).
 *
 * @param kept the units that stay
 * @param fill what the others are replaced by
 */
public record Ablation(Set<UnitId> kept, Fill fill) {
    /** What takes an ablated unit's place. */
    public enum Fill {
        /** Nothing. */
        ZERO,
        /** Its mean over the images. */
        MEAN
    }

    public Ablation {
        kept = Set.copyOf(kept);
    }

    /** Keeps these units. */
    public static Ablation keeping(Collection<UnitId> units, Fill fill) {
        return new Ablation(new LinkedHashSet<>(units), fill);
    }

    /** The embeddings of a trace's images, [n, D], in this scope's native memory. */
    public Tensor features(Trace<? extends Split> trace) {
        List<Tensor> keptSums = new ArrayList<>();
        List<Tensor> otherSums = new ArrayList<>();
        for (TraceBlock block : trace.blocks()) {
            Tensor sum = torch.zeros(block.size(), trace.shape().sharedWidth());
            Tensor all = block.headSum(trace.frame()).add(block.otherSum());
            for (UnitId unit : trace.shape().ids()) {
                if (kept.contains(unit)) {
                    sum = sum.add(block.unit(trace.frame(), unit));
                }
            }
            keptSums.add(sum);
            otherSums.add(all.sub(sum));
        }
        Tensor features = Ops.cat(keptSums, 0);
        return fill == Fill.ZERO ? features : features.add(Ops.mean(Ops.cat(otherSums, 0), 0));
    }
}
