package io.residual.explorer;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.alignment.AdapterFile;
import io.residual.description.Dictionary;
import io.residual.images.Dataset;
import io.residual.images.Split;
import io.residual.model.ImageTextModel;
import io.residual.units.Trace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a report is made from. Heads are looked at on validation pictures: what people choose after looking at a page must not
 * have seen the test split.
 *
 * @param model the model
 * @param dataset the pictures; its validation split is shown
 * @param validation those pictures, traced
 * @param adapters fitted on the data, the first explained in detail; may be empty
 * @param results of {@code residual evaluate} or {@code residual demo}; may be empty
 * @param dictionary to name components with, or null
 */
public record ReportSource(
        ImageTextModel model,
        Dataset dataset,
        Trace<Split.Validation> validation,
        List<Named> adapters,
        List<JsonNode> results,
        @Nullable Dictionary dictionary) {
    public ReportSource {
        adapters = List.copyOf(adapters);
        results = List.copyOf(results);
    }

    /** An adapter and the name of its file. */
    public record Named(String name, AdapterFile file) {}
}
