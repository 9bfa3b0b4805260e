/**
 * Optimisation: what is learned ({@code Problem}), the regularisation path with L-BFGS, mini-batch training, and full
 * fine-tuning.
 *
 * <p>Never names the test split: fits see training images, and validation selects. A new method needs a {@code
 * Problem}; a new penalty changes {@code Metric}. References: Basile et al., TMLR 2025, section 4; Nocedal and Wright
 * 2006.
 */
@NullMarked
package io.residual.fit;

import org.jspecify.annotations.NullMarked;
