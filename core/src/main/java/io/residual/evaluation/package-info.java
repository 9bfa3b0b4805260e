/** Scores on test splits, with intervals. */
@NullMarked
package io.residual.evaluation;

import org.jspecify.annotations.NullMarked;
