package io.residual.fit;

import io.residual.adapt.Method;
import io.residual.fit.Trainer.Epoch;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says where validation chose a strength at an end of the path: then the choice is the list's, not validation's. */
public final class PathEnd {
    private PathEnd() {}

    /**
     * A note on a regularisation path that ends at its best strength; null if validation has turned on both sides, if
     * it prefers the unadapted model, or if the fit has no path.
     *
     * @param best the selected point
     * @param curve all points evaluated on validation
     */
    public static @Nullable String note(Method method, Epoch best, List<Epoch> curve) {
        double[] strengths = curve.stream()
                .mapToDouble(Epoch::penalty)
                .filter(Double::isFinite)
                .distinct()
                .sorted()
                .toArray();
        if (strengths.length < 2 || !Double.isFinite(best.penalty())) {
            return null;
        }
        boolean weakest = best.penalty() == strengths[0];
        if (!weakest && best.penalty() < strengths[strengths.length - 1]) {
            return null;
        }
        return String.format(
                Locale.ROOT,
                "%s: validation is best at the %s penalty strength tried, %.2g, and may be better beyond it;"
                        + " give more validation images, or strengths with --penalties",
                method.label(),
                weakest ? "weakest" : "strongest",
                best.penalty());
    }
}
