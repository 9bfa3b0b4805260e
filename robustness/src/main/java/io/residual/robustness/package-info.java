/** What must survive: hostile files, crashes at any moment, long runs. */
@org.jspecify.annotations.NullMarked
package io.residual.robustness;
