package io.residual.spring;

import io.micrometer.core.instrument.MeterRegistry;
import io.residual.Classifier;
import io.residual.Residual;
import io.residual.base.InputException;
import io.residual.tensor.NativeRuntime;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Opens the model and the classifier that {@code residual.*} asks for. */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration"
        },
        beforeName = "org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration")
@ConditionalOnProperty("residual.model")
@EnableConfigurationProperties(ResidualProperties.class)
public class ResidualAutoConfiguration {
    /** Made by Spring. */
    public ResidualAutoConfiguration() {}

    /**
     * The open model, closed with the context.
     *
     * @param properties what to open
     * @return the model
     */
    @Bean
    @ConditionalOnMissingBean
    public Residual residual(ResidualProperties properties) {
        if (properties.threads() < 0) {
            throw InputException.at(
                    "residual.threads",
                    String.valueOf(properties.threads()),
                    "a number of threads, or 0 for as many as there are processors",
                    "Give such a number");
        }
        if (properties.threads() > 0) {
            NativeRuntime.setThreads(properties.threads());
        }
        return Residual.open(Objects.requireNonNull(properties.model(), "a condition of this configuration"));
    }

    /**
     * The classifier, closed before the model.
     *
     * @param residual the open model
     * @param properties the adapter, or the class names
     * @param observers the metrics, if there are any
     * @return the classifier
     */
    @Bean
    @ConditionalOnMissingBean
    public ImageClassifier imageClassifier(
            Residual residual, ResidualProperties properties, ObjectProvider<ImageClassifier.Observer> observers) {
        Path adapter = properties.adapter();
        if (adapter == null && properties.classes().isEmpty()) {
            throw InputException.at(
                    "residual.adapter",
                    "no adapter and no class names",
                    "either",
                    "Set residual.adapter to a file, or residual.classes to names");
        }
        if (adapter != null && !properties.classes().isEmpty()) {
            throw InputException.at(
                    "residual.classes",
                    "class names beside residual.adapter",
                    "one of the two",
                    "Remove residual.classes: an adapter has classes of its own");
        }
        Supplier<Classifier> opening = adapter == null
                ? () -> residual.zeroShot(properties.classes(), properties.templates())
                : () -> residual.classifier(adapter);
        return new ImageClassifier(opening, observers.getIfAvailable(() -> ImageClassifier.Observer.NONE));
    }

    /**
     * Follows the adapter's file; a bean of its own so that the context ends it before the classifier.
     *
     * @param classifier which reloads
     * @param properties the file, and how often it is checked
     * @return what checks it
     */
    @Bean
    AutoCloseable residualAdapterReload(ImageClassifier classifier, ResidualProperties properties) {
        Path adapter = properties.adapter();
        return adapter == null || properties.reload().toMillis() <= 0
                ? () -> {}
                : new AdapterReload(adapter, classifier, properties.reload());
    }

    /** Health, where Spring Boot's health is on the class path. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HealthIndicator.class)
    static class Health {
        @Bean
        @ConditionalOnMissingBean(name = "residualHealthIndicator")
        HealthIndicator residualHealthIndicator(
                Residual residual, ImageClassifier classifier, ResidualProperties properties) {
            return new ResidualHealth(residual, classifier, properties);
        }
    }

    /** Metrics, where there is a registry. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterRegistry.class)
    static class Metrics {
        @Bean
        ImageClassifier.Observer residualMetrics(ObjectProvider<MeterRegistry> registry) {
            MeterRegistry there = registry.getIfAvailable();
            return there == null ? ImageClassifier.Observer.NONE : new ResidualMetrics(there);
        }
    }
}
