package io.residual.fit;

import io.residual.fit.Trainer.Epoch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of a fit.
 *
 * @param values the parameters that were best on validation
 * @param best their evaluation
 * @param curve all points evaluated, the start first
 * @param note what is to be known of the fit; null for nothing
 */
record Solution(
        List<float[]> values,
        Epoch best,
        List<Epoch> curve,
        @Nullable String note) {}
