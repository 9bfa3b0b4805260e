/**
 * Parquet through DuckDB: images are read from it, predictions and embeddings are written to it. Found by {@link
 * java.util.ServiceLoader}, so that the library works without it.
 *
 * <p>Never reads rows before their sizes are known, and never follows a path out of the data's folder.
 */
@NullMarked
package io.residual.tables;

import org.jspecify.annotations.NullMarked;
