/** What if: heads and MLPs changed inside the forward pass, and what that does, directly and through later layers. */
@NullMarked
package io.residual.intervene;

import org.jspecify.annotations.NullMarked;
