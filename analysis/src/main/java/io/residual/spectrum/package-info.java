/**
 * Principal components, spectral similarity and intrinsic dimension of units, from statistics that are merged over
 * batches.
 *
 * <p>Memory never grows with the number of images, except for TwoNN. Its code never names the test split. References:
 * Basile et al., TMLR 2025, section 3; Facco et al. 2017 (TwoNN).
 */
@NullMarked
package io.residual.spectrum;

import org.jspecify.annotations.NullMarked;
