package io.residual.units;

import io.residual.base.Progress;
import io.residual.data.LabelledPictures;
import io.residual.data.Split;

/** Runs pictures through a model and keeps what its units contributed: on this machine ({@link Tracer}), or on many. */
public interface PictureTracer {
    /** The model's frame. */
    UnitFrame frame();

    /**
     * Traces pictures and keeps them in memory.
     *
     * @param origin of the pictures, for provenance
     * @throws io.residual.base.InputException if not one picture can be read
     */
    <S extends Split> Trace<S> trace(LabelledPictures<S> pictures, String origin, Progress progress);
}
