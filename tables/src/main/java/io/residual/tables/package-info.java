/** Tables: Parquet through DuckDB, images read from it, predictions and embeddings written to it. */
@NullMarked
package io.residual.tables;

import org.jspecify.annotations.NullMarked;
