package io.residual.sweep;

import io.residual.model.ImageTextModel;
import io.residual.units.Tracer;
import java.nio.file.Path;

/**
 * A model at work.
 *
 * @param traces the folder of its traces
 */
record Work(String name, ImageTextModel model, Tracer tracer, SweepCost cost, SweepProgress progress, Path traces) {
    /** The same, reporting elsewhere. */
    Work with(SweepProgress other) {
        return new Work(name, model, tracer, cost, other, traces);
    }
}
