/**
 * Text descriptions of units: TextSpan, and matching pursuit (OMP, SOMP) over a dictionary of texts.
 *
 * <p>A description is a hint and never an input to a fit. References: Gandelsman et al., ICLR 2024, section 4
 * (TextSpan); Basile et al., TMLR 2025; Pati et al. 1993 (OMP); Tropp et al. 2006 (SOMP).
 */
@NullMarked
package io.residual.description;

import org.jspecify.annotations.NullMarked;
