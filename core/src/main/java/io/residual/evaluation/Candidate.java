package io.residual.evaluation;

import io.residual.alignment.Adapter;
import io.residual.alignment.Calibration;
import io.residual.alignment.Classifier;
import io.residual.alignment.Method;
import io.residual.alignment.PathEnd;
import io.residual.alignment.Trainer.Epoch;
import io.residual.model.TrainableTower;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a method made of a data set's training and validation splits: chosen, and not yet tested.
 *
 * @param adapter works on traces of the model or, where there is one, of the tuned tower
 * @param tower what full fine-tuning made, else null; closed with this
 * @param parameters numbers learned
 * @param trainAccuracy on the images that it was fitted on: far above that on others, it overfits
 */
public record Candidate(
        Method method,
        Adapter adapter,
        Classifier classifier,
        @Nullable TrainableTower tower,
        int parameters,
        double trainAccuracy,
        Epoch best,
        List<Epoch> curve,
        double seconds,
        Calibration calibration)
        implements AutoCloseable {
    public Candidate {
        curve = List.copyOf(curve);
    }

    /** A line about the strength that validation chose, where the path ended without its having turned; else null. */
    public @Nullable String note() {
        return PathEnd.note(method, best, curve);
    }

    @Override
    public void close() {
        if (tower != null) {
            tower.close();
        }
    }
}
