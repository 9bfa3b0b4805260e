package io.residual.predict;

import io.residual.adapt.FoldedAdapter;
import io.residual.base.InputException;
import io.residual.intervene.Activations;
import io.residual.intervene.Change;
import io.residual.intervene.Effects;
import io.residual.intervene.Interventions.Tokens;
import io.residual.model.ImageTextModel;
import io.residual.model.Residuals;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/**
 * A causal trace between two images (Meng et al. 2022): the pass on one image, with one unit at a time as it is on the other. How
 * much of the difference between their logits the unit brings back says how much of what tells them apart runs through it.
 *
 * @param chosen the class that the source image is taken for
 * @param other the class that the target is taken for, or the source's second where that is the same
 * @param source the difference of the two classes' logits on the source
 * @param target the same on the target
 * @param patched the same on the target with one unit of the source, in the order of units
 */
public record CausalTrace(int chosen, int other, double source, double target, List<Patched> patched) {
    public CausalTrace {
        patched = List.copyOf(patched);
    }

    /**
     * One unit's patch.
     *
     * @param total difference of logits with later layers computed anew
     * @param direct with everything that later layers write held as on the target
     */
    public record Patched(UnitId unit, double total, double direct) {}

    /** The share of the difference between source and target that a patch brings back: 0 none, 1 all, NaN where there is none. */
    public double restored(double patchedDifference) {
        return (patchedDifference - target) / (source - target);
    }

    /**
     * Traces every one of some units.
     *
     * @param from the source's pixels, 3 · height · width, preprocessed
     * @param to the target's
     * @throws InputException if there is one class only
     */
    public static CausalTrace of(
            ImageTextModel model, FoldedAdapter adapter, float[] from, float[] to, List<UnitId> units, Tokens tokens) {
        if (adapter.classes().size() < 2) {
            throw InputException.at("the classes", "one", "two or more", "There is nothing to choose between");
        }
        try (NativeScope scope = NativeScope.inference()) {
            Tensor a = input(model, from);
            Tensor b = input(model, to);
            double[] source = logits(adapter, adapter.features(model.image().trace(a)));
            Seen seen = new Seen(adapter);
            Change change = new Change.Replace(Activations.of(model.image(), a));
            new Effects(model.image()).of(b, units, change, tokens, seen);
            int chosen = best(source, -1);
            int other = best(seen.plain, chosen);
            List<Patched> all = new ArrayList<>();
            for (UnitId unit : units) {
                double[] now = Objects.requireNonNull(seen.total.get(unit));
                double[] held = Objects.requireNonNull(seen.direct.get(unit));
                all.add(new Patched(unit, now[chosen] - now[other], held[chosen] - held[other]));
            }
            return new CausalTrace(
                    chosen, other, source[chosen] - source[other], seen.plain[chosen] - seen.plain[other], all);
        }
    }

    /** Logits of every pass. */
    private static final class Seen implements Effects.Sink {
        private final FoldedAdapter adapter;
        private final Map<UnitId, double[]> total = new HashMap<>();
        private final Map<UnitId, double[]> direct = new HashMap<>();
        private double[] plain = new double[0];

        Seen(FoldedAdapter adapter) {
            this.adapter = adapter;
        }

        @Override
        public void total(UnitId unit, Residuals changed) {
            total.put(unit, logits(adapter, adapter.features(changed)));
        }

        @Override
        public void plain(Residuals own) {
            plain = logits(adapter, adapter.features(own));
        }

        @Override
        public void direct(UnitId unit, Residuals held) {
            direct.put(unit, logits(adapter, adapter.features(held)));
        }
    }

    private static Tensor input(ImageTextModel model, float[] pixels) {
        return Tensors.of(
                pixels,
                1,
                3,
                model.preprocessing().inputHeight(),
                model.preprocessing().inputWidth());
    }

    private static double[] logits(FoldedAdapter adapter, Tensor features) {
        return Tensors.doubles(adapter.logits(features));
    }

    /** The class with the largest logit but for one. */
    private static int best(double[] logits, int but) {
        int best = -1;
        for (int c = 0; c < logits.length; c++) {
            boolean better = best < 0 || logits[c] > logits[best];
            best = c != but && better ? c : best;
        }
        return best;
    }
}
