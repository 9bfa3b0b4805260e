package io.residual.units;

import io.residual.model.ImageTower;
import io.residual.model.Residuals;
import java.util.List;

/** From what a forward pass wrote into the residual streams to what a trace keeps of it. */
interface UnitSplitter {
    /** The trace of b images. */
    TraceBlock split(Residuals residuals, int[] labels, List<String> names);

    /** What splits a tower's passes. */
    static UnitSplitter of(ImageTower tower, UnitShape shape) {
        return shape.pooled() ? new PooledUnits(tower, shape) : new OneReading(tower, shape);
    }
}
