package io.residual.spring;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.residual.predict.Prediction;
import java.time.Duration;
import java.util.List;

/** {@code residual.predictions} (time of a call), {@code residual.images} by result, {@code residual.adapter.reloads} by result. */
final class ResidualMetrics implements ImageClassifier.Observer {
    private final MeterRegistry registry;
    private final Timer predictions;

    ResidualMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.predictions = Timer.builder("residual.predictions")
                .description("From the call of classify to its answer")
                .register(registry);
        for (String result : List.of("accepted", "rejected", "unreadable")) {
            images(result);
        }
    }

    private Counter images(String result) {
        return Counter.builder("residual.images")
                .description("Images classified: accepted, rejected as unsure, or unreadable")
                .tag("result", result)
                .register(registry);
    }

    @Override
    public void predicted(List<Prediction> all, long nanos) {
        predictions.record(Duration.ofNanos(nanos));
        int accepted = (int) all.stream().filter(Prediction::accepted).count();
        images("accepted").increment(accepted);
        images("rejected").increment(all.size() - accepted);
    }

    @Override
    public void refused() {
        images("unreadable").increment();
    }

    @Override
    public void reloaded(boolean taken) {
        Counter.builder("residual.adapter.reloads")
                .description("New versions of the adapter that were taken, or refused because they could not be read")
                .tag("result", taken ? "taken" : "refused")
                .register(registry)
                .increment();
    }
}
