/** Units in words: TextSpan and matching pursuit over a dictionary of texts. */
@NullMarked
package io.residual.description;

import org.jspecify.annotations.NullMarked;
