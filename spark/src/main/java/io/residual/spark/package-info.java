/**
 * The toolkit's steps on Apache Spark: how work is distributed and gathered.
 *
 * <p>Never computes differently from the local commands: each batch is processed by their code. docs/scale.md has the
 * guarantees.
 */
@NullMarked
package io.residual.spark;

import org.jspecify.annotations.NullMarked;
