package io.residual.explorer;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.adapt.AdapterFile;
import io.residual.data.Dataset;
import io.residual.data.Split;
import io.residual.description.Dictionary;
import io.residual.model.ImageTextModel;
import io.residual.units.Trace;
import io.residual.zeroshot.Classifier;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of a report. Heads are analysed on validation images, so that choices made while reading a page do not use
 * the test split.
 *
 * @param model the model
 * @param dataset the images; its validation split is shown
 * @param validation those images, traced
 * @param training the training images, for the map of all images; null where they are not traced
 * @param adapters fitted on the data, the first explained in detail; may be empty
 * @param results of {@code residual evaluate} or {@code residual demo}; may be empty
 * @param dictionary to name components with, or null
 * @param unadapted the classes as the unadapted model has them, if that is what is shown, as it is or as an adapter that changes nothing; null
 *     where an adapter brings its own
 */
public record ReportSource(
        ImageTextModel model,
        Dataset dataset,
        Trace<Split.Validation> validation,
        @Nullable Trace<Split.Train> training,
        List<Named> adapters,
        List<JsonNode> results,
        List<Other> others,
        @Nullable Dictionary dictionary,
        @Nullable Classifier unadapted) {
    public ReportSource {
        if (adapters.isEmpty() && unadapted == null) {
            throw new IllegalArgumentException("neither an adapter nor classes");
        }
        adapters = List.copyOf(adapters);
        results = List.copyOf(results);
        others = List.copyOf(others);
    }

    /** The same without training images. */
    public ReportSource(
            ImageTextModel model,
            Dataset dataset,
            Trace<Split.Validation> validation,
            List<Named> adapters,
            List<JsonNode> results,
            List<Other> others,
            @Nullable Dictionary dictionary,
            @Nullable Classifier unadapted) {
        this(model, dataset, validation, null, adapters, results, others, dictionary, unadapted);
    }

    /** The classes that are shown: the first adapter's, or the unadapted model's. */
    public Classifier classifier() {
        return adapters.isEmpty()
                ? Objects.requireNonNull(unadapted)
                : adapters.get(0).file().classifier();
    }

    /** A copy with other adapters. */
    public ReportSource with(List<Named> other) {
        return new ReportSource(model, dataset, validation, training, other, results, others, dictionary, unadapted);
    }

    /** Another data set's validation images. */
    public record Other(String name, Trace<Split.Validation> validation) {}

    /** The kind of a result file. */
    public enum Kind {
        /** Methods on a data set: residual demo, residual evaluate. */
        COMPARISON("results", "methods"),
        /** Methods over labelled images per class: residual evaluate --shots. */
        SHOTS("shots", "fits"),
        /** Catastrophic forgetting: residual forget. */
        FORGETTING("forgetting", "lines");

        private final String key;
        private final String sign;

        Kind(String key, String sign) {
            this.key = key;
            this.sign = sign;
        }

        /** The name under which the pages find it. */
        public String key() {
            return key;
        }

        /** Whether a result is of this kind. */
        public boolean matches(JsonNode result) {
            return result.path(sign).isArray();
        }
    }

    /**
     * An adapter and the name of its file.
     *
     * @param elsewhere whether it was fitted on other data than those that are shown
     */
    public record Named(String name, AdapterFile file, boolean elsewhere) {
        /** An adapter on its own data. */
        public Named(String name, AdapterFile file) {
            this(name, file, false);
        }
    }
}
