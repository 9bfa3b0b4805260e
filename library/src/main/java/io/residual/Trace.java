package io.residual;

import io.residual.data.Split;
import io.residual.description.Description;
import io.residual.description.Dictionary;
import io.residual.description.MatchingPursuit;
import io.residual.model.ImageTextModel;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.TraceStatistics;
import io.residual.spectrum.UnitStatistics;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.UnitId;
import java.util.Arrays;
import java.util.List;

/**
 * Images taken apart: an image's embedding is the sum of what the patch embedding, every attention head and every MLP wrote into
 * the residual stream, in the shared space (Gandelsman et al., ICLR 2024). Immutable; safe for several threads. Keeps
 * head width + 2 numbers a head and image.
 */
public final class Trace {
    private final ImageTextModel model;
    private final io.residual.units.Trace<? extends Split> trace;

    Trace(ImageTextModel model, io.residual.units.Trace<? extends Split> trace) {
        this.model = model;
        this.trace = trace;
    }

    /** How many images could be read. */
    public int size() {
        return trace.size();
    }

    /** The images' names, in order. */
    public List<String> names() {
        return trace.names();
    }

    /** Images that could not be read, with the reason. */
    public List<String> skipped() {
        return trace.skipped();
    }

    /** The units: the embedding, heads layer by layer, MLPs. */
    public List<UnitId> units() {
        return trace.shape().ids();
    }

    /** The largest difference between the sum of an image's units and the model's own embedding, relative to its length. */
    public double decompositionError() {
        return trace.provenance().decompositionError();
    }

    /**
     * What a unit wrote for an image.
     *
     * @param image 0 to {@link #size()} − 1
     * @return D numbers
     */
    public float[] unit(int image, UnitId unit) {
        int[] at = locate(image);
        try (NativeScope scope = NativeScope.inference()) {
            return Tensors.floats(
                    trace.blocks().get(at[0]).unit(trace.frame(), unit).select(0, at[1]));
        }
    }

    /**
     * An image's embedding, before it is given unit length.
     *
     * @return D numbers
     */
    public float[] embedding(int image) {
        int[] at = locate(image);
        TraceBlock block = trace.blocks().get(at[0]);
        int d = trace.shape().sharedWidth();
        return Arrays.copyOfRange(block.output(), at[1] * d, (at[1] + 1) * d);
    }

    /** The principal components of a unit over these images: eigenvalues, participation ratio, how many to keep. */
    public Spectrum spectrum(UnitId unit) {
        return Pca.of(trace, List.of(unit)).get(0);
    }

    /**
     * The first principal component of a unit in words: the sparse combination of sentences along it (orthogonal matching
     * pursuit). The words are right far more often than chance and wrong often enough to be checked against images.
     *
     * @param sentences to choose from
     * @param count how many to name
     * @throws io.residual.base.InputException if the model has no text tower
     */
    public List<String> describe(UnitId unit, List<String> sentences, int count) {
        int d = trace.shape().sharedWidth();
        double[] direction = Arrays.copyOf(spectrum(unit).components(), d);
        UnitStatistics statistics =
                new TraceStatistics(List.of(unit)).add(trace.blocks()).of(unit);
        return MatchingPursuit.ofDirection(direction, statistics, trace.frame(), Dictionary.of(sentences, model), count)
                .terms()
                .stream()
                .map(Description.Term::text)
                .toList();
    }

    private int[] locate(int image) {
        int first = 0;
        int b = 0;
        for (TraceBlock block : trace.blocks()) {
            if (image >= first && image < first + block.size()) {
                return new int[] {b, image - first};
            }
            first += block.size();
            b++;
        }
        throw new IndexOutOfBoundsException(image + " of " + first + " images");
    }
}
