/** The residual units: a traced image as heads and MLPs that sum to its embedding, kept in head coordinates. */
@NullMarked
package io.residual.units;

import org.jspecify.annotations.NullMarked;
