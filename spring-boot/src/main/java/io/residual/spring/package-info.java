/**
 * A classifier as a bean of Spring Boot 4. With {@code residual.model} set, the context holds an
 * {@link io.residual.spring.ImageClassifier}; its health and its metrics are those of Actuator and Micrometer, where they are on the class
 * path.
 */
@NullMarked
package io.residual.spring;

import org.jspecify.annotations.NullMarked;
