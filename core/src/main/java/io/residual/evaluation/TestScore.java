package io.residual.evaluation;

import io.residual.alignment.Adapter;
import io.residual.alignment.Classifier;
import io.residual.images.Split;
import io.residual.tensor.NativeScope;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;

/** The only place where a test split is looked at: it takes an adapter that has already been chosen. */
public final class TestScore {
    private TestScore() {}

    /** The accuracy of an adapter on a test split. */
    public static Accuracy of(Adapter adapter, Classifier classifier, Trace<Split.Test> test) {
        int right = 0;
        for (TraceBlock block : test.blocks()) {
            try (NativeScope scope = NativeScope.inference()) {
                right += Classifier.right(classifier.logits(adapter.features(block)), block.labels());
            }
        }
        return new Accuracy(right, test.size());
    }
}
