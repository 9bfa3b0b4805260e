/** The same steps on Apache Spark: what is computed is in the modules below, here is only how it is spread and gathered. */
@NullMarked
package io.residual.spark;

import org.jspecify.annotations.NullMarked;
