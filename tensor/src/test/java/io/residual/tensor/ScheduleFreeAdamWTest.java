package io.residual.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class ScheduleFreeAdamWTest {
    private static final AdamW.Settings SETTINGS = new AdamW.Settings(.9, .99, 1e-3, .1);
    private static final double[] START = {1, -2, .5};
    private static final double[] CURVATURE = {1, .25, 4};

    /** Algorithm 1 of Defazio et al. 2024, number by number: y, gradient there, z, then the average x. */
    @Test
    void steps_areThePublishedSequences() {
        double[] z = START.clone();
        double[] x = START.clone();
        double[] v = new double[3];
        double weights = 0;
        try (NativeScope scope = NativeScope.inference()) {
            Tensor parameter = Tensors.of(START, 3).set_requires_grad(true);
            Tensor curvature = Tensors.of(CURVATURE, 3);
            try (ScheduleFreeAdamW optimiser = new ScheduleFreeAdamW(List.of(parameter), SETTINGS)) {
                for (int t = 1; t <= 12; t++) {
                    double rate = .2 / Math.sqrt(t);
                    double[] y = new double[3];
                    for (int i = 0; i < 3; i++) {
                        y[i] = .1 * z[i] + .9 * x[i];
                    }
                    // 32-bit literals would not do: parameters are 64-bit here, and so must agree to rounding.
                    assertArrayEquals(y, Tensors.doubles(parameter), 1e-13, "gradients are taken at y");
                    try (NativeScope training = NativeScope.training()) {
                        Ops.scale(parameter.square().mul(curvature).sum(), .5).backward();
                    }
                    optimiser.step(rate);
                    weights += rate * rate;
                    for (int i = 0; i < 3; i++) {
                        double g = CURVATURE[i] * y[i];
                        v[i] = .99 * v[i] + .01 * g * g;
                        double deviation = Math.sqrt(v[i] / (1 - Math.pow(.99, t))) + 1e-3;
                        z[i] -= rate * (g / deviation + .1 * y[i]);
                        x[i] += rate * rate / weights * (z[i] - x[i]);
                    }
                    optimiser.show();
                    assertArrayEquals(x, Tensors.doubles(parameter), 1e-13, "what is shown is the average");
                    optimiser.resume();
                }
            }
        }
    }
}
