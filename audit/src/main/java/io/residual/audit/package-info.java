/**
 * What is wrong with a data set: twins within and across splits, leaks, wrong labels with their reasons, outliers, classes that
 * cannot be told apart, shortcuts, damaged images; and a table of corrections that mends it.
 *
 * <p>An audit sees every split, fits nothing that is kept, and changes nothing of the user's. References: Northcutt et al. 2021
 * (confident learning); Allen 1974 (leave-one-out residuals of ridge regression).
 */
@NullMarked
package io.residual.audit;

import org.jspecify.annotations.NullMarked;
