package io.residual.experiment;

import io.residual.provenance.Provenance;
import java.util.List;
import java.util.Map;

/**
 * Every method on one data set.
 *
 * @param images traced, by split
 * @param traceSeconds spent on tracing all splits
 * @param splitHashes of images and labels, by split
 * @param notes what the reader should know
 */
public record DatasetResult(
        String dataset,
        String origin,
        String model,
        int classes,
        Map<String, Integer> images,
        double traceSeconds,
        Map<String, String> splitHashes,
        List<MethodResult> methods,
        List<String> notes,
        Provenance provenance) {
    public DatasetResult {
        methods = List.copyOf(methods);
        notes = List.copyOf(notes);
    }
}
