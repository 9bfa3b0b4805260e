package io.residual.spring;

import io.residual.Residual;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Up while the classifier answers, with the model, the adapter, and why a newer adapter was refused. */
final class ResidualHealth implements HealthIndicator {
    private final Residual residual;
    private final ImageClassifier classifier;
    private final ResidualProperties properties;

    ResidualHealth(Residual residual, ImageClassifier classifier, ResidualProperties properties) {
        this.residual = residual;
        this.classifier = classifier;
        this.properties = properties;
    }

    @Override
    public @Nullable Health health() {
        try {
            Health.Builder health = Health.up()
                    .withDetail("model", String.valueOf(properties.model()))
                    .withDetail("family", residual.model().family())
                    .withDetail("classes", classifier.classes().size());
            Path adapter = properties.adapter();
            if (adapter != null) {
                health.withDetail("adapter", adapter.toString());
            }
            String refusal = classifier.refusal();
            if (refusal != null) {
                health.withDetail("refused", refusal);
            }
            return health.build();
        } catch (IllegalStateException e) {
            return Health.down(e).build();
        }
    }
}
