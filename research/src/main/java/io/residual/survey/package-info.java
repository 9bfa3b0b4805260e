/** What heads, layers and weights do on the data sets of a sweep that has been run. */
@NullMarked
package io.residual.survey;

import org.jspecify.annotations.NullMarked;
