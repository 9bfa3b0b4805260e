/** Results as tables and JSON. */
@NullMarked
package io.residual.report;

import org.jspecify.annotations.NullMarked;
