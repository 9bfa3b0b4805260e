/**
 * Sweeps of models × data sets × methods from one YAML file: planned, run, resumed, stored in DuckDB, and tabulated.
 *
 * <p>Never repeats a result that has a row, and never loses one: a killed sweep resumes.
 */
@NullMarked
package io.residual.sweep;

import org.jspecify.annotations.NullMarked;
