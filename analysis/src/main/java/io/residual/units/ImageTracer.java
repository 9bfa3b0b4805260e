package io.residual.units;

import io.residual.base.Progress;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import org.jspecify.annotations.Nullable;

/** Runs images through a model and keeps what its units contributed: on this machine ({@link Tracer}), or on many. */
public interface ImageTracer {
    /** The frame of the model's units. */
    UnitFrame frame();

    /**
     * Traces images. A trace that would take much of the Java heap is kept on disk and read block by block ({@link TraceBlock}).
     *
     * @param origin of the images, for provenance
     * @throws io.residual.base.InputException if not one image can be read
     */
    <S extends Split> Trace<S> trace(LabelledImages<S> images, String origin, Progress progress);

    /**
     * The trace of images that were traced before; null if they were not, or it is not known. Nothing is traced.
     *
     * @param origin of the images, for progress
     */
    default <S extends Split> @Nullable Trace<S> known(LabelledImages<S> images, String origin, Progress progress) {
        return null;
    }
}
