/**
 * From images to classes with a model and an adapter: calibrated probabilities, rejection, and explanations as exact
 * sums.
 *
 * <p>Never returns numbers that are not finite. {@link io.residual.predict.Predictor} is safe for several threads.
 */
@NullMarked
package io.residual.predict;

import org.jspecify.annotations.NullMarked;
