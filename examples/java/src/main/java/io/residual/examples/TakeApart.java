package io.residual.examples;

import io.residual.Residual;
import io.residual.Trace;
import io.residual.units.UnitId;
import java.nio.file.Path;
import java.util.List;

/** An image's embedding as the sum of what every unit wrote: {@code TakeApart model image}. */
public final class TakeApart {
    private TakeApart() {}

    public static void main(String[] args) {
        try (Residual residual = Residual.open(args[0])) {
            Trace trace = residual.trace(List.of(Path.of(args[1])));
            float[] whole = trace.embedding(0);
            double[] left = new double[whole.length];
            double norm = 0;
            for (int i = 0; i < left.length; i++) {
                left[i] = whole[i];
                norm += whole[i] * whole[i];
            }
            for (UnitId unit : trace.units()) {
                float[] wrote = trace.unit(0, unit);
                double share = 0;
                for (int i = 0; i < left.length; i++) {
                    share += wrote[i] * whole[i];
                    left[i] -= wrote[i];
                }
                System.out.printf("%-10s %6.1f %% of the embedding%n", unit, 100 * share / norm);
            }
            double largest = 0;
            for (double x : left) {
                largest = Math.max(largest, Math.abs(x));
            }
            System.out.printf("what the units leave of it: at most %.1e%n", largest);
        }
    }
}
