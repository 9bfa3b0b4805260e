/** Speed: ours and Python's in turn, on the same machine, threads and sizes; every figure a ratio measured in one run. */
@NullMarked
package io.residual.bench;

import org.jspecify.annotations.NullMarked;
