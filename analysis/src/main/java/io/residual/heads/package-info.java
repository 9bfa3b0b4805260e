/** Which heads matter: scores, selection, ablation, overlap. */
@NullMarked
package io.residual.heads;

import org.jspecify.annotations.NullMarked;
