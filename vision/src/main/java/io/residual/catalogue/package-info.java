/**
 * Models and data sets by the names that users give: a folder, a name on the hub, or one that ships.
 *
 * <p>Never depends on the models and data that ship: these are found on the class path by {@link
 * java.util.ServiceLoader}.
 */
@NullMarked
package io.residual.catalogue;

import org.jspecify.annotations.NullMarked;
