package io.residual.fit;

import io.residual.fit.Trainer.Epoch;
import java.util.List;

/**
 * What a fit found.
 *
 * @param values the parameters that did best on validation
 * @param best how they did
 * @param curve everything that was looked at, the start first
 */
record Solution(List<float[]> values, Epoch best, List<Epoch> curve) {}
