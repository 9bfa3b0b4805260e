/** Image and text towers, their configurations, checkpoints and tokenizers. */
@NullMarked
package io.residual.model;

import org.jspecify.annotations.NullMarked;
