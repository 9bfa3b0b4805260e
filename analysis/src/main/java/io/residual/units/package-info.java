/**
 * Residual units: the embedding of a traced image as an exact sum of the contributions of the input embedding, every
 * head and every MLP, kept in head coordinates.
 *
 * <p>Never forms a head's D-wide contribution for all heads at once; {@link io.residual.units.UnitFrame} holds the
 * matrices that would. Every trace measures the error of its sum. Reference: Gandelsman et al., ICLR 2024, section 3.
 */
@NullMarked
package io.residual.units;

import org.jspecify.annotations.NullMarked;
