package io.residual.experiment;

import io.residual.data.Split;
import io.residual.units.Trace;
import org.jspecify.annotations.Nullable;

/** The test split of an experiment: untraced until the first test, and nothing is fitted after it. For one thread at a time. */
final class TestSplit {
    private final String name;
    private final Traces traces;
    private @Nullable Trace<Split.Test> opened;
    private double seconds;

    TestSplit(String name, Traces traces) {
        this.name = name;
        this.traces = traces;
    }

    Trace<Split.Test> open() {
        Trace<Split.Test> known = opened;
        if (known == null) {
            long started = System.nanoTime();
            known = traces.test();
            opened = known;
            seconds = (System.nanoTime() - started) / 1e9;
        }
        return known;
    }

    /** Its trace; null while it is unopened. */
    @Nullable
    Trace<Split.Test> opened() {
        return opened;
    }

    /** Seconds spent on tracing. */
    double seconds() {
        return seconds;
    }

    void requireUnopened() {
        if (opened != null) {
            throw new IllegalStateException("The test split of " + name
                    + " has been opened, and what is fitted now could be chosen by it. Fit everything first, then"
                    + " test; for another question begin another experiment.");
        }
    }
}
