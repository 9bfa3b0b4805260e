/**
 * Comparison with reference values of conformance kits, and self-checks of checkpoints that have no kit.
 *
 * <p>A quantity of a kit that is not compared is a failure, never a success. Tolerances are constants here, with their
 * reasons in docs/verification.md.
 */
@NullMarked
package io.residual.verify;

import org.jspecify.annotations.NullMarked;
