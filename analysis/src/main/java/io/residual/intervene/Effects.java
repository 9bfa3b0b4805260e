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
import java.util.function.BiConsumer;
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
    /** Takes what changes do. The tensors that it is given hold until it returns. */
    public interface Sink {
        /**
         * The pass with a change of one unit; units of a layer come together, layers in order.
         *
         * @param unit the changed unit
         * @param total what the embedding is read from, with later layers computed anew
         */
        void total(UnitId unit, Residuals total);

        /** The plain pass, after all total effects and before all direct ones. */
        default void plain(Residuals plain) {}

        /**
         * The plain pass with the change of one unit added at the end of the streams, in the order of the units asked for.
         *
         * @param unit the changed unit
         * @param direct what the embedding is read from, with later layers held
         */
        default void direct(UnitId unit, Residuals direct) {}
    }

    private final ImageTower tower;

    public Effects(ImageTower tower) {
        this.tower = tower;
    }

    /**
     * Changes each of some units by itself: one plain pass, and for each unit the part of a pass that comes after it.
     *
     * @param pixels [b, 3, height, width]
     * @param units heads and MLPs
     * @param sink called for each
     */
    public void of(Tensor pixels, List<UnitId> units, Change change, Tokens tokens, Sink sink) {
        List<Intervention> all =
                units.stream().map(u -> new Intervention(u, change, tokens)).toList();
        try (NativeScope scope = NativeScope.inference()) {
            Residuals plain = tower.forks(pixels, fork -> {
                for (Intervention i : all) {
                    UnitId unit = i.unit();
                    if (unit.layer() != fork.layer()) {
                        continue;
                    }
                    try (NativeScope own = NativeScope.nested()) {
                        boolean head = unit.kind() == UnitId.Kind.HEAD;
                        sink.total(
                                unit,
                                head
                                        ? fork.withHeads(Interventions.changed(tower, i, fork.heads(), 0))
                                        : fork.withMlp(Interventions.changed(tower, i, fork.mlp(), 0)));
                    }
                }
            });
            sink.plain(plain);
            for (Intervention i : all) {
                try (NativeScope own = NativeScope.nested()) {
                    sink.direct(i.unit(), direct(plain, i));
                }
            }
        }
    }

    /**
     * Direct effects alone, in passes that are changed already.
     *
     * @param pixels [b, 3, height, width]
     * @param before changes that are made in any case
     * @param units heads and MLPs, each changed by itself at all tokens
     * @param sink takes the pass with each change added at the end of the streams; the tensors hold until it returns
     */
    public void direct(
            Tensor pixels,
            Interventions before,
            List<UnitId> units,
            Change change,
            BiConsumer<UnitId, Residuals> sink) {
        try (NativeScope scope = NativeScope.inference()) {
            Residuals plain = before.trace(tower, pixels);
            for (UnitId unit : units) {
                try (NativeScope own = NativeScope.nested()) {
                    sink.accept(unit, direct(plain, new Intervention(unit, change, Tokens.ALL)));
                }
            }
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
