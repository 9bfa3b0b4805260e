/** Data sets: folders, IDX files, splits as types, prompts. */
@NullMarked
package io.residual.data;

import org.jspecify.annotations.NullMarked;
