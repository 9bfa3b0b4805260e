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
 * Decomposed images: an image's embedding is the sum of the direct contributions of the input embedding, every
 * attention head and every MLP, in the shared space (Gandelsman et al., ICLR 2024). Immutable and safe for several
 * threads. Keeps h + 2 numbers per head and image, h being the head width.
 *
 * <pre>{@code
 * Trace trace = residual.trace(images);
 * UnitId head = new UnitId(UnitId.Kind.HEAD, 5, 0);
 * Spectrum spectrum = trace.spectrum(head);
 * }</pre>
 */
public final class Trace {
    private final ImageTextModel model;
    private final io.residual.units.Trace<? extends Split> trace;

    Trace(ImageTextModel model, io.residual.units.Trace<? extends Split> trace) {
        this.model = model;
        this.trace = trace;
    }

    /**
     * The number of images that could be read.
     *
     * @return n
     */
    public int size() {
        return trace.size();
    }

    /**
     * The names of the images, in order.
     *
     * @return n names
     */
    public List<String> names() {
        return trace.names();
    }

    /**
     * Images that could not be read, each with the reason.
     *
     * @return one line each, empty if all could be read
     */
    public List<String> skipped() {
        return trace.skipped();
    }

    /**
     * The units: the embedding, heads layer by layer, MLPs.
     *
     * @return every unit of the model
     */
    public List<UnitId> units() {
        return trace.shape().ids();
    }

    /**
     * The error of the decomposition: the largest |sum of units − model output| over all images and dimensions,
     * relative to the largest |output|.
     *
     * @return a share, about 1e-6 with single precision
     */
    public double decompositionError() {
        return trace.provenance().decompositionError();
    }

    /**
     * The direct contribution of a unit to the embedding of an image.
     *
     * @param image 0 to {@link #size()} − 1
     * @param unit one of {@link #units()}
     * @return D numbers
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public float[] unit(int image, UnitId unit) {
        int[] at = locate(image);
        try (NativeScope scope = NativeScope.inference()) {
            return Tensors.floats(
                    trace.blocks().get(at[0]).slice(at[1], at[1] + 1).unit(trace.frame(), unit));
        }
    }

    /**
     * The embedding of an image, before normalisation.
     *
     * @param image 0 to {@link #size()} − 1
     * @return D numbers
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public float[] embedding(int image) {
        int[] at = locate(image);
        TraceBlock block = trace.blocks().get(at[0]);
        return block.slice(at[1], at[1] + 1).output();
    }

    /**
     * The principal components of a unit over these images, with eigenvalues and participation ratio.
     *
     * @param unit one of {@link #units()}
     * @return computed from {@link #size()} images
     */
    public Spectrum spectrum(UnitId unit) {
        return Pca.of(trace, List.of(unit)).get(0);
    }

    /**
     * Describes the first principal component of a unit by texts, with orthogonal matching pursuit. Descriptions are
     * right far more often than chance, and wrong often enough to be checked against images.
     *
     * @param sentences the dictionary
     * @param count number of texts to return
     * @param unit one of {@link #units()}
     * @return texts of the dictionary, the best first
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
