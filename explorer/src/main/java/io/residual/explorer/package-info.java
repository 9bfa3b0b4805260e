/** Heads, components and decisions to look at: what a page shows, as data, and the one HTML file that shows it. */
@NullMarked
package io.residual.explorer;

import org.jspecify.annotations.NullMarked;
