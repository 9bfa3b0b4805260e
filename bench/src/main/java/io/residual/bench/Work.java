package io.residual.bench;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A measurement. */
interface Work {
    /** Its name on the command line. */
    String name();

    /** Runs the measurement. */
    Result run(Setting setting);

    /**
     * Settings of a measurement.
     *
     * @param repetitions after a round that warms up
     * @param quick whether sizes are cut down to see that it works, the figures then meaning nothing
     * @param folder for synthetic checkpoints and traces
     * @param home of the sources, where the launcher stands
     * @param python null where there is none
     */
    record Setting(
            int repetitions,
            boolean quick,
            Path folder,
            Path home,
            @Nullable PythonSide python) {}
}
