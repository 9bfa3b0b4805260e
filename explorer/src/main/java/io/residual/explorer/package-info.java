/**
 * The report: its pages as data, the one HTML file that shows them, and the explorer that changes λ live.
 *
 * <p>Analyses run on validation images, never on the test split. Texts of users and data reach a page as text, never as
 * markup.
 */
@NullMarked
package io.residual.explorer;

import org.jspecify.annotations.NullMarked;
