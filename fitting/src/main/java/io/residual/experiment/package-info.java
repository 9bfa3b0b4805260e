/** Scores on test splits, with intervals. */
@NullMarked
package io.residual.experiment;

import org.jspecify.annotations.NullMarked;
