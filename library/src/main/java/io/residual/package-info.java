/**
 * Residual as a library: open a model, classify, explain and embed images, fit an adapter on your own images, and take a tower
 * apart into its heads and MLPs.
 *
 * <pre>{@code
 * try (Residual residual = Residual.open(model);
 *         Classifier classifier = residual.zeroShot(List.of("circle", "square"))) {
 *     return classifier.classify(image).label();
 * }
 * }</pre>
 *
 * <p>The types of this package, and the few that their signatures name, are the public interface; all other packages may change
 * with any version. What a user can put right is an {@link io.residual.base.InputException} whose message names the file or
 * setting, the value found, the value expected and what to do.
 */
@NullMarked
package io.residual;

import org.jspecify.annotations.NullMarked;
