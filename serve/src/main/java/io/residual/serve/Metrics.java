package io.residual.serve;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.residual.tensor.NativeRuntime;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The metrics of the server, for Prometheus. */
final class Metrics {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final DistributionSummary batches;
    private final Map<Answered, Counter> requests = new ConcurrentHashMap<>(); // looked up by every request
    private final Map<String, Timer> durations = new ConcurrentHashMap<>();

    private record Answered(String endpoint, int status) {}

    Metrics(Supplier<Number> waiting) {
        Gauge.builder("residual.queue", waiting).description("Images that wait").register(registry);
        Gauge.builder("residual.memory.bytes", NativeRuntime::memory)
                .description("Memory of this process, heap and native")
                .register(registry);
        batches = DistributionSummary.builder("residual.batch.size")
                .description("Images computed together")
                .publishPercentileHistogram()
                .maximumExpectedValue(512.0)
                .register(registry);
    }

    void batch(int size) {
        batches.record(size);
    }

    void answered(String endpoint, int status, long nanos) {
        requests.computeIfAbsent(new Answered(endpoint, status), this::counter).increment();
        durations.computeIfAbsent(endpoint, this::timer).record(nanos, TimeUnit.NANOSECONDS);
    }

    private Counter counter(Answered answered) {
        return Counter.builder("residual.requests")
                .description("Requests by endpoint and status")
                .tag("endpoint", answered.endpoint)
                .tag("status", String.valueOf(answered.status))
                .register(registry);
    }

    private Timer timer(String endpoint) {
        return Timer.builder("residual.request.duration")
                .description("From the request's head to the last byte of its answer")
                .tag("endpoint", endpoint)
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofSeconds(30))
                .register(registry);
    }

    void reloaded(boolean well) {
        Counter.builder("residual.adapter.reloads")
                .description("New versions of the adapter that were taken, or refused because they could not be read")
                .tag("result", well ? "taken" : "refused")
                .register(registry)
                .increment();
    }

    String text() {
        return registry.scrape();
    }
}
