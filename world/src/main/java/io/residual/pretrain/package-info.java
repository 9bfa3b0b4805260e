/**
 * Contrastive pre-training of a small CLIP on the synthetic benchmark or on a user's images. Resumable: a killed run
 * continues from its last checkpoint.
 *
 * <p>Reference: Radford et al. 2021.
 */
@NullMarked
package io.residual.pretrain;

import org.jspecify.annotations.NullMarked;
