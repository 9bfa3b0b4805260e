package io.residual.catalogue;

import io.residual.model.TowerTiming;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What image towers cost on this machine, measured with random weights: blocks of a shape are all alike, so one and three of them are
 * timed and the rest follows. Towers that would cost far more than the budget are not measured.
 */
public final class TowerSpeed {
    /** So many times the budget by what smaller towers cost, and a tower is not measured. */
    private static final double HOPELESS = 2;

    private TowerSpeed() {}

    /**
     * A model and its cost.
     *
     * @param milliseconds an image; null if it was not measured because it is far beyond the budget
     */
    public record Cost(PublicModel model, @Nullable Double milliseconds) {}

    /**
     * Measures models, the cheapest first.
     *
     * @param budget milliseconds an image
     */
    public static List<Cost> of(List<PublicModel> models, double budget) {
        List<PublicModel> cheapest = new ArrayList<>(models);
        cheapest.sort(Comparator.comparingDouble(PublicModel::gflops));
        Map<List<Object>, Double> known = new HashMap<>();
        List<Cost> costs = new ArrayList<>();
        double perGflop = 0; // of the largest measured so far
        for (PublicModel m : cheapest) {
            List<Object> shape = List.of(
                    m.width(), m.layers(), m.heads(), m.mlp(), m.tokens(), m.patchSize(), m.pooled(), m.gated());
            if (!known.containsKey(shape) && perGflop * m.gflops() > HOPELESS * budget) {
                costs.add(new Cost(m, null));
                continue;
            }
            double ms = known.computeIfAbsent(shape, s -> milliseconds(m));
            perGflop = ms / m.gflops();
            costs.add(new Cost(m, ms));
        }
        return costs;
    }

    private static double milliseconds(PublicModel m) {
        TowerTiming.Shape shape = new TowerTiming.Shape(
                m.imageSize(), m.patchSize(), m.width(), m.heads(), m.mlp(), m.leadingTokens(), m.pooled(), m.gated());
        double one = TowerTiming.milliseconds(shape, 1);
        double three = TowerTiming.milliseconds(shape, 3);
        return one + Math.max(0, three - one) / 2 * (m.layers() - 1);
    }
}
