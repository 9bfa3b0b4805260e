/**
 * The synthetic benchmark (embedded world): images drawn from a seed, whose every attribute is known, with captions and
 * tasks.
 *
 * <p>The same seed draws the same pixels. Results on it compare methods, and never stand for results on photographs.
 */
@NullMarked
package io.residual.world;

import org.jspecify.annotations.NullMarked;
