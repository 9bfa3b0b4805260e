/**
 * Targets for a coverage-guided fuzzer, one for each reader of untrusted files. For any bytes, a reader must return or
 * throw the error that the user sees. Anything else is a finding: another exception, a hang, a native crash, or memory
 * beyond the limit.
 */
@org.jspecify.annotations.NullMarked
package io.residual.robustness.fuzz;
