/** Where in an image: units as exact sums over the tokens that heads read; the logit lens; attention. */
@NullMarked
package io.residual.where;

import org.jspecify.annotations.NullMarked;
