/**
 * Predictions, embeddings and explanations over HTTP, in batches, with limits, metrics and hot reload of the adapter.
 *
 * <p>Never returns numbers that are not finite, and finishes accepted requests before it stops. docs/serving.md has the
 * contract.
 */
@org.jspecify.annotations.NullMarked
package io.residual.serve;
