/**
 * What produced an artefact: hashes of model and data, settings, seed, version, and the measured decomposition error.
 *
 * <p>Every trace, spectrum, adapter and result carries a {@link io.residual.provenance.Provenance}.
 */
@NullMarked
package io.residual.provenance;

import org.jspecify.annotations.NullMarked;
