/**
 * Experiments: one model on one data set, from fit to test score. Also few-label curves, recommendations, catastrophic
 * forgetting, and the settings of methods as users write them.
 *
 * <p>{@link io.residual.experiment.Fit#test()} is the only way to a test score; after its first call an experiment
 * never fits again. Reference: Breiman et al. 1984 (one-standard-error rule).
 */
@NullMarked
package io.residual.experiment;

import org.jspecify.annotations.NullMarked;
