/** Images and labels: decoding, preprocessing, and the data sets they come from. */
@NullMarked
package io.residual.images;

import org.jspecify.annotations.NullMarked;
