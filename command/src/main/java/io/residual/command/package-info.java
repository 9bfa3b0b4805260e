/**
 * What the command lines share: exit codes, error messages, the options of methods, and former names of options.
 */
@NullMarked
package io.residual.command;

import org.jspecify.annotations.NullMarked;
