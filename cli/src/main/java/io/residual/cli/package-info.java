/**
 * The {@code residual} command, one class per command: options in, text or JSON out. Commands call the modules below
 * and print.
 */
@NullMarked
package io.residual.cli;

import org.jspecify.annotations.NullMarked;
