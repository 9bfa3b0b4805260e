package io.residual.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.spectrum.Spectrum;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** Planted directions are found again, and a number that they cannot explain stays unexplained. */
class FreeDirectionsTest {
    private static final int D = 12;
    private static final int IMAGES = 30;
    private static final int RANK = 8;

    private static double[] random(Random random, int count) {
        double[] values = new double[count];
        Arrays.setAll(values, i -> random.nextGaussian());
        return values;
    }

    /** Units whose first components are known, their values, one planted direction each, and what these add. */
    private static final class Planted {
        final List<FreeDirections.Unit> units = new ArrayList<>();
        final List<double[]> directions = new ArrayList<>();
        Tensor missing = Tensors.of(new double[IMAGES * D], IMAGES, D);

        Planted(long seed, int count) {
            Random random = new Random(seed);
            for (int i = 0; i < count; i++) {
                Tensor q =
                        torch.linalg_qr(Tensors.of(random(random, D * D), D, D)).get0();
                double[] components = Tensors.doubles(q.narrow(1, 0, RANK).t().contiguous());
                double[] mean = random(random, D);
                Spectrum known = new Spectrum(
                        new UnitId(UnitId.Kind.MLP, i, 0), RANK + 1, mean, random(random, RANK), components);
                Tensor values = Tensors.of(random(random, IMAGES * D), IMAGES, D);
                Tensor w = Tensors.of(random(random, D - RANK), D - RANK, 1);
                Tensor phi = q.narrow(1, RANK, D - RANK).matmul(w.div(w.norm())); // [D, 1]
                double lambda = i % 2 == 0 ? 1.3 : -.7;
                Tensor along = values.sub(Tensors.of(mean, 1, D)).matmul(phi);
                missing = missing.add(along.matmul(phi.t()).mul(new org.bytedeco.pytorch.Scalar(lambda)));
                units.add(FreeDirections.Unit.of(i, known, lambda, values));
                directions.add(Tensors.doubles(phi));
            }
        }
    }

    @Test
    void plantedDirections_areFoundUpToTheirSign() {
        try (NativeScope scope = NativeScope.inference()) {
            Planted planted = new Planted(4, 3);
            List<float[]> found = FreeDirections.solve(planted.units, planted.missing);
            for (int i = 0; i < found.size(); i++) {
                double dot = 0;
                for (int k = 0; k < D; k++) {
                    dot += found.get(i)[k] * planted.directions.get(i)[k];
                }
                assertEquals(1, Math.abs(dot), 1e-4, "unit " + i);
            }
        }
    }

    @Test
    void aChangedNumber_isNotExplainedAway() {
        try (NativeScope scope = NativeScope.inference()) {
            Planted planted = new Planted(4, 3);
            double[] changed = Tensors.doubles(planted.missing);
            changed[5 * D + 7] += .5;
            List<float[]> found = FreeDirections.solve(planted.units, Tensors.of(changed, IMAGES, D));
            Tensor left = Tensors.of(changed, IMAGES, D);
            for (int i = 0; i < found.size(); i++) {
                FreeDirections.Unit unit = planted.units.get(i);
                double[] wide = new double[D];
                for (int k = 0; k < D; k++) {
                    wide[k] = found.get(i)[k];
                }
                Tensor phi = Tensors.of(wide, D, 1);
                Tensor along = unit.along().matmul(unit.basis().t()).matmul(phi);
                left = left.sub(along.matmul(phi.t()).mul(new org.bytedeco.pytorch.Scalar(unit.lambda())));
            }
            assertTrue(left.abs().max().item_double() > .3, "explained away");
        }
    }
}
