package io.residual.spectrum;

import io.residual.images.Split;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The pictures that lie furthest out at both ends of a component, the furthest first.
 *
 * @param lowest at the negative end
 * @param highest at the positive end
 */
public record Extremes(List<End> lowest, List<End> highest) {
    /**
     * One picture.
     *
     * @param index among the trace's images
     * @param coordinate along the component, in deviations of it
     */
    public record End(int index, String name, double coordinate) {}

    public Extremes {
        lowest = List.copyOf(lowest);
        highest = List.copyOf(highest);
    }

    /** The {@code count} pictures at each end of a component of a unit. */
    public static Extremes of(Trace<? extends Split> trace, Spectrum spectrum, int component, int count) {
        int d = spectrum.mean().length;
        List<End> all = new ArrayList<>();
        for (TraceBlock block : trace.blocks()) {
            try (NativeScope scope = NativeScope.inference()) {
                Tensor direction = Tensors.of(
                        java.util.Arrays.copyOfRange(spectrum.components(), component * d, (component + 1) * d), d, 1);
                double[] along = Tensors.doubles(block.unit(trace.frame(), spectrum.unit())
                        .to(ScalarType.Double)
                        .sub(Tensors.of(spectrum.mean(), 1, d))
                        .matmul(direction));
                for (int i = 0; i < along.length; i++) {
                    all.add(new End(
                            all.size(), block.names().get(i), along[i] / Math.sqrt(spectrum.eigenvalues()[component])));
                }
            }
        }
        all.sort(Comparator.comparingDouble(End::coordinate));
        int kept = Math.min(count, all.size());
        List<End> highest = new ArrayList<>(all.subList(all.size() - kept, all.size()));
        java.util.Collections.reverse(highest);
        return new Extremes(all.subList(0, kept), highest);
    }
}
