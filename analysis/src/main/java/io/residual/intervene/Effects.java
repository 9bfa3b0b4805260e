package io.residual.intervene;

import io.residual.intervene.Interventions.Intervention;
import io.residual.intervene.Interventions.Tokens;
import io.residual.model.Block;
import io.residual.model.ImageTower;
import io.residual.model.Residuals;
import io.residual.tensor.NativeScope;
import io.residual.units.UnitId;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What changing one unit at a time does to the embedding: in all (total effect), and with everything that later layers write held
 * as it was (direct effect; the final LayerNorm and the readout are computed anew). What lies between them flows through later
 * layers (Vig et al. 2020; Wang et al. 2023). The pass up to the changed unit is computed once for all units.
 *
 * <p>Safe for several threads.
 */
public final class Effects {
    /** Takes what a change of one unit does. */
    public interface Sink {
        /**
         * One unit's effect on some images; the tensors hold until this returns.
         *
         * @param unit the changed unit
         * @param total the pass with the change
         * @param direct the plain pass with the change added at the end of the streams
         */
        void accept(UnitId unit, Residuals total, Residuals direct);
    }

    private final ImageTower tower;

    public Effects(ImageTower tower) {
        this.tower = tower;
    }

    /**
     * Changes each of some units by itself.
     *
     * @param pixels [b, 3, height, width]
     * @param units heads and MLPs
     * @param sink called for each, those of a layer together
     */
    public void of(Tensor pixels, List<UnitId> units, Change change, Tokens tokens, Sink sink) {
        List<Intervention> all =
                units.stream().map(u -> new Intervention(u, change, tokens)).toList();
        try (NativeScope scope = NativeScope.inference()) {
            Residuals plain = tower.trace(pixels); // its end is needed for the direct effects of the first layer
            tower.forks(pixels, fork -> {
                for (Intervention i : all) {
                    UnitId unit = i.unit();
                    if (unit.layer() != fork.layer()) {
                        continue;
                    }
                    try (NativeScope own = NativeScope.nested()) {
                        boolean head = unit.kind() == UnitId.Kind.HEAD;
                        Residuals total = head
                                ? fork.withHeads(Interventions.changed(tower, i, fork.heads(), 0))
                                : fork.withMlp(Interventions.changed(tower, i, fork.mlp(), 0));
                        sink.accept(unit, total, direct(plain, i));
                    }
                }
            });
        }
    }

    /** A plain pass with a change of one unit added at the end of its streams. */
    Residuals direct(Residuals plain, Intervention intervention) {
        int layer = intervention.unit().layer();
        boolean head = intervention.unit().kind() == UnitId.Kind.HEAD;
        List<Tensor> heads = new ArrayList<>(plain.heads());
        List<Tensor> mlps = new ArrayList<>(plain.mlps());
        List<Tensor> of = head ? heads : mlps;
        Tensor was = of.get(layer);
        Tensor now = Interventions.changed(tower, intervention, was, tower.firstRead());
        of.set(layer, now);
        Tensor difference = now.sub(was);
        Block block = tower.weights().blocks().get(layer);
        Tensor written = head
                ? difference.matmul(block.out().weight().to(ScalarType.Float).t())
                : difference;
        return tower.read(plain.embedding(), heads, mlps, plain.stream().add(written));
    }
}
