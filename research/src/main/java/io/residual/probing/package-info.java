/**
 * Probing experiments on the synthetic benchmark: which attribute each component encodes, and whether text descriptions
 * are true.
 *
 * <p>Every statistic is compared with permutations. docs/findings.md discusses the results. Reference for the claims
 * tested: Basile et al., TMLR 2025, section 3.
 */
@NullMarked
package io.residual.probing;

import org.jspecify.annotations.NullMarked;
