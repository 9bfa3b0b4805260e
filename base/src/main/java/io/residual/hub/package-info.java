/** Models by their name on a hub: the cache that Python's huggingface_hub keeps, and downloads into it. */
@NullMarked
package io.residual.hub;

import org.jspecify.annotations.NullMarked;
