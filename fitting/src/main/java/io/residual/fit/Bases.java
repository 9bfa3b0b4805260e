package io.residual.fit;

import io.residual.data.Split;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.units.Trace;
import io.residual.units.UnitFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The principal components that adapters weigh: of every unit and of the output, each computed once when first needed. */
public final class Bases {
    private final Trace<Split.Train> trace;
    private @Nullable List<Spectrum> units;
    private @Nullable Spectrum output;

    /** Bases from some images: the training images themselves, or general ones. */
    public Bases(Trace<Split.Train> trace) {
        this.trace = trace;
    }

    /** The frame of the model that was traced. */
    UnitFrame frame() {
        return trace.frame();
    }

    /** The spectrum of every unit, in order. */
    synchronized List<Spectrum> units() {
        List<Spectrum> known = units;
        if (known == null) {
            known = Pca.of(trace, trace.shape().ids());
            units = known;
        }
        return known;
    }

    /** The spectrum of the model's output. */
    synchronized Spectrum output() {
        Spectrum known = output;
        if (known == null) {
            known = Pca.ofOutput(trace);
            output = known;
        }
        return known;
    }
}
