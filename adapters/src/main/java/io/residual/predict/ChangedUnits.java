package io.residual.predict;

import io.residual.adapt.Adapter;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.adapt.Design;
import io.residual.adapt.HeadScaleDesign;
import io.residual.adapt.OutputDesign;
import io.residual.predict.Explanation.ComponentShare;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The units after adaptation. 64-bit, in the scope's native memory.
 *
 * @param units [r, D]; they and the constant sum to the adapted embedding
 * @param constant [D]
 */
record ChangedUnits(Tensor units, Tensor constant, List<Along> components) {
    /**
     * A unit along its components.
     *
     * @param coefficients c [k]
     * @param lambdas λ [k]
     * @param directions Φ [k, D]
     */
    record Along(UnitId unit, Tensor coefficients, Tensor lambdas, Tensor directions) {
        /** {@code t} and {@code asked} [D, C]: what the logits ask of the embedding before and after. */
        List<ComponentShare> shares(Tensor y, Tensor t, Tensor adapted, Tensor asked) {
            Tensor plain = directions.mul(coefficients.unsqueeze(1));
            double[][] before = matrix(Explainer.shares(plain, y, t));
            double[][] after = matrix(Explainer.shares(plain.mul(lambdas.unsqueeze(1)), adapted, asked));
            double[] c = Tensors.doubles(coefficients);
            double[] lambda = Tensors.doubles(lambdas);
            List<ComponentShare> all = new ArrayList<>();
            for (int k = 0; k < c.length; k++) {
                all.add(new ComponentShare(unit, k, c[k], lambda[k], before[k], after[k]));
            }
            return all;
        }
    }

    /**
     * What an adapter makes of units.
     *
     * @param transposed with the transpose of what the adapter multiplies units with
     */
    static ChangedUnits by(Adapter adapter, Tensor units, List<UnitId> ids, boolean transposed) {
        long d = units.size(1);
        Tensor nothing = torch.zeros(d).to(ScalarType.Double);
        if (adapter instanceof Adapter.LinearMap linear) {
            Tensor w = Tensors.of(linear.weight(), d, d).to(ScalarType.Double);
            return new ChangedUnits(
                    units.matmul(transposed ? w : w.t()),
                    Tensors.of(linear.bias(), d).to(ScalarType.Double),
                    List.of());
        }
        Adapter.Spectral spectral = adapter.spectral();
        if (spectral == null) {
            return new ChangedUnits(units, nothing, List.of());
        }
        Design design = spectral.design();
        float[] lambdas = spectral.lambdas();
        if (design instanceof HeadScaleDesign heads) {
            Tensor weights = (heads.others() == Others.KEPT
                            ? torch.ones(units.size(0), 1)
                            : torch.zeros(units.size(0), 1))
                    .to(ScalarType.Double);
            weights.narrow(0, 1, lambdas.length)
                    .copy_(Tensors.of(lambdas, lambdas.length, 1)); // heads stand after the embedding
            return new ChangedUnits(units.mul(weights), heads.constant(lambdas), List.of());
        }
        if (design instanceof OutputDesign output) {
            Tensor phi = Tensors.of(output.part().components(), output.part().kept(), d)
                    .to(ScalarType.Double);
            boolean restored = output.means() == Means.RESTORED;
            Tensor lambda = Tensors.of(lambdas, lambdas.length).to(ScalarType.Double);
            Tensor map = phi.t().mul(restored ? Ops.shift(lambda, -1) : lambda).matmul(phi); // symmetric
            Tensor mean = Tensors.of(output.part().mean(), d, 1).to(ScalarType.Double);
            Tensor moved = units.matmul(map);
            return new ChangedUnits(
                    restored ? units.add(moved) : moved,
                    Ops.scale(map.matmul(mean).squeeze(1), -1),
                    List.of());
        }
        return by((ComponentDesign) design, lambdas, units, ids);
    }

    private static ChangedUnits by(ComponentDesign design, float[] lambdas, Tensor units, List<UnitId> ids) {
        long d = units.size(1);
        boolean kept = design.others() == Others.KEPT;
        boolean restored = design.means() == Means.RESTORED;
        Tensor adapted = kept ? units.clone() : torch.zeros_like(units);
        List<Along> components = new ArrayList<>();
        int from = 0;
        for (ComponentDesign.Part part : design.parts()) {
            int row = ids.indexOf(part.unit());
            Tensor phi = Tensors.of(part.components(), part.kept(), d).to(ScalarType.Double);
            Tensor mean = Tensors.of(part.mean(), 1, d).to(ScalarType.Double);
            Tensor lambda = Tensors.ofRange(lambdas, from, part.kept()).to(ScalarType.Double);
            Tensor u = units.narrow(0, row, 1);
            Tensor c = u.sub(mean).matmul(phi.t()); // [1, k]
            Tensor weighed =
                    c.mul(kept && restored ? Ops.shift(lambda, -1) : lambda).matmul(phi);
            Tensor now = kept && restored ? u.add(weighed) : restored ? weighed.add(mean) : weighed;
            adapted.narrow(0, row, 1).copy_(now);
            components.add(new Along(part.unit(), c.squeeze(0), lambda, phi));
            from += part.kept();
        }
        return new ChangedUnits(adapted, torch.zeros(d).to(ScalarType.Double), components);
    }

    /** Row by row. */
    static double[][] matrix(Tensor tensor) {
        double[] all = Tensors.doubles(tensor);
        int columns = Math.toIntExact(tensor.size(1));
        double[][] rows = new double[Math.toIntExact(tensor.size(0))][columns];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(all, i * columns, rows[i], 0, columns);
        }
        return rows;
    }
}
