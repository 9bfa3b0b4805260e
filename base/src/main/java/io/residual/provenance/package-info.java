/** What produced an artefact: hashes, settings, seed, version. */
@NullMarked
package io.residual.provenance;

import org.jspecify.annotations.NullMarked;
