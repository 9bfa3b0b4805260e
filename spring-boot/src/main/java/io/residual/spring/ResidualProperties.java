package io.residual.spring;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties {@code residual.*}. Immutable.
 *
 * @param model a folder, a name on the Hugging Face hub, or a model that ships; without it there is no bean
 * @param adapter the adapter's file; without it, classes are told by their names
 * @param classes class names, for a classifier without an adapter
 * @param templates prompt templates with {@code {}} for the class name, for a classifier without an adapter
 * @param threads native threads that compute, 0 for as many as there are processors; of the whole process
 * @param reload how often the adapter's file is checked for a new version; 0 for never
 */
@ConfigurationProperties("residual")
public record ResidualProperties(
        @Nullable String model,
        @Nullable Path adapter,
        @DefaultValue List<String> classes,
        @DefaultValue("a photo of a {}.") List<String> templates,
        @DefaultValue("0") int threads,
        @DefaultValue("1s") Duration reload) {
    /** Copies the lists. */
    public ResidualProperties {
        classes = List.copyOf(classes);
        templates = List.copyOf(templates);
    }
}
