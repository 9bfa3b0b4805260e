package io.residual.survey;

import io.residual.adapt.Adapter;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.ComponentDesign.Part;
import io.residual.data.Split;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitId;
import java.util.ArrayList;
import java.util.List;

/** What the weights of components do to the units that they belong to, on the training images that they were fitted on. */
public final class WeightStudy {
    private WeightStudy() {}

    /**
     * One adapted unit.
     *
     * @param components that are weighted
     * @param before variance of the unit in those components
     * @param after the same with every component times its weight
     * @param negative weights below 0
     * @param largest of the weights, by size
     */
    public record Unit(UnitId unit, int components, double before, double after, int negative, double largest) {
        /** How much larger the unit's deviations from its mean became, as a factor. */
        public double gain() {
            return Math.sqrt(after / before);
        }
    }

    /** Every adapted unit of an adapter that weights components; none of any other. */
    static List<Unit> of(Adapter adapter, Trace<Split.Train> train) {
        if (!(adapter instanceof Adapter.Spectral spectral) || !(spectral.design() instanceof ComponentDesign design)) {
            return List.of();
        }
        int columns = design.parameters();
        double[] sum = new double[columns];
        double[] squares = new double[columns];
        int n = 0;
        for (TraceBlock block : train.blocks()) {
            try (NativeScope scope = NativeScope.inference()) {
                float[] c = Tensors.floats(design.cache(block).coefficients());
                for (int i = 0; i < c.length; i++) {
                    sum[i % columns] += c[i];
                    squares[i % columns] += (double) c[i] * c[i];
                }
            }
            n += block.size();
        }
        List<Unit> units = new ArrayList<>();
        int at = 0;
        for (Part part : design.parts()) {
            double before = 0;
            double after = 0;
            int negative = 0;
            double largest = 0;
            for (int k = 0; k < part.kept(); k++, at++) {
                double lambda = spectral.lambdas()[at];
                double variance = Math.max(0, squares[at] / n - sum[at] / n * (sum[at] / n));
                before += variance;
                after += lambda * lambda * variance;
                negative += lambda < 0 ? 1 : 0;
                largest = Math.abs(lambda) > Math.abs(largest) ? lambda : largest;
            }
            units.add(new Unit(part.unit(), part.kept(), before, after, negative, largest));
        }
        return units;
    }
}
