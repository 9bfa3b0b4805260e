/** An adapter at work: from images to classes, with a probability that was calibrated. */
@NullMarked
package io.residual.predict;

import org.jspecify.annotations.NullMarked;
