/**
 * Adapters of all methods in use: their formulas, their files, calibration, and folding into the model.
 *
 * <p>Never depends on training code, so that serving does not either. References: Basile et al., TMLR 2025, section 4
 * (ResiDual); Zhang et al. 2022 (Tip-Adapter); Guo et al. 2017 (temperature scaling).
 */
@NullMarked
package io.residual.adapt;

import org.jspecify.annotations.NullMarked;
