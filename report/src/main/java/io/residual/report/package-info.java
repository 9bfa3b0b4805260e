/**
 * Results as tables, JSON and SVG.
 *
 * <p>Never fits or tests anything: numbers come from the records of other packages.
 */
@NullMarked
package io.residual.report;

import org.jspecify.annotations.NullMarked;
