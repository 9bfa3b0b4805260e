/** An adapter at work behind HTTP: predict, embed, explain, with batches, limits and metrics. */
@org.jspecify.annotations.NullMarked
package io.residual.serve;
