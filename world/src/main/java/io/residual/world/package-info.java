/** The embedded world: images drawn by formula from a seed, whose every attribute is known, their captions and tasks. */
@NullMarked
package io.residual.world;

import org.jspecify.annotations.NullMarked;
