/** The residual command: one class a command. */
@NullMarked
package io.residual.cli;

import org.jspecify.annotations.NullMarked;
