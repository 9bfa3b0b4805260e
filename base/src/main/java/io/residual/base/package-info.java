/** What every package may use: the error a user can act on, files that appear whole or not at all, progress. */
@NullMarked
package io.residual.base;

import org.jspecify.annotations.NullMarked;
