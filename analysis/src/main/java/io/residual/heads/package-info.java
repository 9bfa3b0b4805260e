/**
 * Head analysis: scores, selection, ablation of direct contributions, and overlap between data sets.
 *
 * <p>Ablation replaces a unit's direct contribution; later layers are never recomputed. Heads are ranked, and their
 * number is selected, on validation. References: Gandelsman et al., ICLR 2024, section 3.2; Basile et al., TMLR 2025.
 */
@NullMarked
package io.residual.heads;

import org.jspecify.annotations.NullMarked;
