package io.residual.experiment;

import io.residual.data.Split;
import io.residual.units.Trace;

/** The source of an experiment's traces: computed on demand, or kept on disk. Each is requested once. */
public interface Traces {
    /** The training images. */
    Trace<Split.Train> train();

    /** The validation images. */
    Trace<Split.Validation> validation();

    /** The test images; asked for when every choice has been made. */
    Trace<Split.Test> test();
}
