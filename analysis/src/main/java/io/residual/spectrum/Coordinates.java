package io.residual.spectrum;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.UnitFrame;
import io.residual.units.UnitPoints;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Coordinates of images along a unit's components: c = Φ (u − ū) = (Φ A)(a − ā), computed without forming u. */
public final class Coordinates {
    private Coordinates() {}

    /**
     * Coordinates along consecutive components.
     *
     * @param from the first component
     * @param count number of components
     * @return [n, count]
     * @throws IllegalArgumentException if the unit has no such components
     */
    public static double[] along(UnitPoints points, UnitFrame frame, Spectrum spectrum, int from, int count) {
        if (from < 0 || count < 1 || from + count > spectrum.rank()) {
            throw new IllegalArgumentException("components " + from + " to " + (from + count - 1) + " of "
                    + spectrum.rank() + " of " + spectrum.unit());
        }
        int d = spectrum.mean().length;
        try (NativeScope scope = NativeScope.inference()) {
            Tensor components =
                    Tensors.of(Arrays.copyOfRange(spectrum.components(), from * d, (from + count) * d), count, d);
            Tensor map = frame.varying(points.unit());
            Tensor narrow = map == null ? components : components.matmul(map); // [k, m]
            Tensor along = points.coordinates().to(ScalarType.Double).matmul(narrow.t()); // [n, k]
            Tensor constant = frame.constant(points.unit()); // [1, D] or null
            Tensor mean = Tensors.of(spectrum.mean(), 1, d);
            Tensor shift = constant == null ? mean : mean.sub(constant); // what is not in A a
            return Tensors.doubles(along.sub(shift.matmul(components.t())));
        }
    }
}
