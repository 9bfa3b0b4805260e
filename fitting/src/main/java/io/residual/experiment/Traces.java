package io.residual.experiment;

import io.residual.data.Split;
import io.residual.units.Trace;

/** Where an experiment takes its traces from: made when first asked for, or kept on disk. Each is asked for once. */
public interface Traces {
    /** The training images. */
    Trace<Split.Train> train();

    /** The validation images. */
    Trace<Split.Validation> validation();

    /** The test images; asked for when every choice has been made. */
    Trace<Split.Test> test();
}
