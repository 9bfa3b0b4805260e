/** How adapters are fitted: problems, the regularisation path, epochs, fine-tuning. */
@NullMarked
package io.residual.fit;

import org.jspecify.annotations.NullMarked;
