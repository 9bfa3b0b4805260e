/** A page to upload an image to: the Spring Boot starter at work. */
@NullMarked
package io.residual.examples.spring;

import org.jspecify.annotations.NullMarked;
