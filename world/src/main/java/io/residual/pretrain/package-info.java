/** Contrastive pre-training of a small CLIP on the embedded world. */
@NullMarked
package io.residual.pretrain;

import org.jspecify.annotations.NullMarked;
