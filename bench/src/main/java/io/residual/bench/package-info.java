/**
 * Speed measurements against Python on the same machine, threads and sizes, alternating in one run. Results are ratios.
 */
@NullMarked
package io.residual.bench;

import org.jspecify.annotations.NullMarked;
