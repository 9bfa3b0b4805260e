/**
 * Foundations for every package: errors that a user can act on, atomic writing, strict reading of untrusted text, JSON
 * and YAML, and progress. Everything here works without native libraries.
 *
 * <p>Untrusted files are opened through {@link io.residual.base.RegularFiles} only. Nothing is written to its final
 * name directly: {@link io.residual.base.AtomicFiles} renames complete files. Depends on no other package of the
 * project.
 */
@NullMarked
package io.residual.base;

import org.jspecify.annotations.NullMarked;
