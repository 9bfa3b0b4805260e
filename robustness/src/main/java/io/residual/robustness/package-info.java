/**
 * Robustness tests: hostile files, kills at random moments, full disks, long runs, and removed checks (mutation).
 */
@org.jspecify.annotations.NullMarked
package io.residual.robustness;
