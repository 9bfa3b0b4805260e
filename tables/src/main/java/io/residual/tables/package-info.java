/** Tables: Parquet through DuckDB, pictures read from it, predictions and embeddings written to it. */
@NullMarked
package io.residual.tables;

import org.jspecify.annotations.NullMarked;
