package io.residual.experiment;

import io.residual.provenance.Provenance;
import java.util.List;
import java.util.Map;

/**
 * The results of all methods on one data set. Immutable.
 *
 * @param images number of traced images, by split
 * @param traceSeconds seconds spent on tracing all splits
 * @param splitHashes hashes of images and labels, by split
 * @param notes notes for the reader, one sentence each
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
