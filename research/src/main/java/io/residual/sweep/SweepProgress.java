package io.residual.sweep;

import io.residual.base.Progress;
import java.util.Locale;

/** Progress of a whole sweep, shown before the progress of its current step. */
final class SweepProgress implements Progress {
    private static final double PRIOR = .1;

    private final Progress shown;
    private final double total;
    private final long started = System.nanoTime();
    private double done;
    private String task = "";

    /**
     * Progress of a sweep.
     *
     * @param total estimated seconds of all that is left to do
     */
    SweepProgress(Progress shown, double total) {
        this.shown = shown;
        this.total = Math.max(total, 1e-9);
    }

    /** Starts a task. */
    void task(String name) {
        task = name;
    }

    /** Adds finished work, in estimated seconds. */
    void done(double estimated) {
        done += estimated;
    }

    /** Such as {@code 37 %, about 24 min left}; the estimates are corrected by how long they took so far. */
    String overall() {
        double share = Math.min(1, done / total);
        double elapsed = (System.nanoTime() - started) / 1e9;
        // The estimate counts as if a tenth of the work had gone by it: what the first steps took says little of the
        // others.
        double slower = (elapsed + PRIOR * total) / (done + PRIOR * total);
        double left = Math.max(0, total - done) * slower;
        return String.format(Locale.ROOT, "%.0f %%, about %s left", 100 * share, SweepCost.time(left));
    }

    @Override
    public void start(String step, long steps) {
        shown.start("[" + overall() + "] " + task + ": " + step, steps);
    }

    @Override
    public void at(long steps, String detail) {
        shown.at(steps, detail);
    }

    @Override
    public void finish() {
        shown.finish();
    }
}
