package io.residual.experiment;

import io.residual.adapt.Adapter;
import io.residual.data.Split;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Catastrophic forgetting: the accuracy of an adapter on other tasks, and image-text retrieval. */
public final class Forgetting {
    private final List<Task> tasks;
    private final @Nullable Captioned captioned;

    /** A task that the adapter was, or was not, fitted on. */
    public record Task(String name, Classifier classifier, Trace<? extends Split> trace) {}

    /**
     * Images with captions.
     *
     * @param texts embeddings [n, D] of the captions, of unit length
     */
    public record Captioned(Trace<? extends Split> images, float[] texts, List<String> captions) {}

    /**
     * Accuracies and retrieval at one interpolation coefficient.
     *
     * @param interpolation interpolation coefficient: 0 for the unadapted model, 1 for the adapter
     * @param accuracy accuracies by task
     * @param retrieval retrieval of captions; null if there are none
     */
    public record Line(
            double interpolation,
            Map<String, Accuracy> accuracy,
            @Nullable Retrieval retrieval) {
        /** Mean accuracy of the tasks other than {@code own}. */
        public double others(String own) {
            return accuracy.entrySet().stream()
                    .filter(e -> !e.getKey().equals(own))
                    .mapToDouble(e -> e.getValue().value())
                    .average()
                    .orElse(Double.NaN);
        }
    }

    public Forgetting(List<Task> tasks, @Nullable Captioned captioned) {
        this.tasks = List.copyOf(tasks);
        this.captioned = captioned;
    }

    /** One line for every place of the interpolation. */
    public List<Line> of(Adapter adapter, double... interpolations) {
        List<Line> lines = new ArrayList<>();
        for (double interpolation : interpolations) {
            lines.add(of(adapter.withoutHead().interpolated(interpolation), interpolation));
        }
        return lines;
    }

    private Line of(Adapter adapter, double interpolation) {
        Map<String, Accuracy> accuracy = new LinkedHashMap<>();
        for (Task task : tasks) {
            accuracy.put(task.name, TestScore.accuracy(adapter, task.classifier, task.trace));
        }
        return new Line(interpolation, accuracy, captioned == null ? null : retrieval(adapter, captioned));
    }

    private static Retrieval retrieval(Adapter adapter, Captioned captioned) {
        try (NativeScope scope = NativeScope.inference()) {
            List<Tensor> parts = new ArrayList<>();
            for (TraceBlock block : captioned.images.blocks()) {
                parts.add(adapter.features(block));
            }
            int n = captioned.captions.size();
            Tensor texts = Tensors.of(captioned.texts, n, captioned.texts.length / n);
            return Retrieval.of(Ops.cat(parts, 0), texts, captioned.captions);
        }
    }
}
