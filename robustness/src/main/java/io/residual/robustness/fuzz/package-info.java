/**
 * Targets for a coverage-guided fuzzer, one for each reader of files that strangers may have written. Whatever the bytes, a reader returns
 * or throws the error that the user sees; anything else (another exception, a hang, a native crash, memory beyond the limit) is a
 * finding.
 */
@org.jspecify.annotations.NullMarked
package io.residual.robustness.fuzz;
