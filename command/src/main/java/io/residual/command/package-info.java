/** What the command lines share: how they end, what they say of mistakes, the options of methods. */
@NullMarked
package io.residual.command;

import org.jspecify.annotations.NullMarked;
