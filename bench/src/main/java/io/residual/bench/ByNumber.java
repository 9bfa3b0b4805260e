package io.residual.bench;

import io.residual.bench.Result.Measure;
import io.residual.bench.Result.Ratio;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A work on 1, 4, 16 and 64 times as many images, by turns: images a second, and memory beyond what was there. */
final class ByNumber {
    /** Images of one time. */
    static final int IMAGES = 250;

    static final int[] TIMES = {1, 4, 16, 64};

    private static final double MEGA = 1e6;

    private final Rounds rounds = new Rounds();
    private final double[] memory = new double[TIMES.length];

    /** Adds the work on {@code TIMES[at]} times {@code images} images. */
    void add(int at, int images, Runnable work) {
        rounds.add(label(at), () -> {
            Machine.forgetPeak();
            long before = Machine.memory();
            double started = Clock.seconds();
            work.run();
            double rate = images * TIMES[at] / (Clock.seconds() - started);
            memory[at] = Math.max(memory[at], (Machine.peakMemory() - before) / MEGA);
            return rate;
        });
    }

    /**
     * Runs all.
     *
     * @param smaller place in {@link #TIMES} of the number that the largest is compared with
     */
    Result run(String name, String title, int repetitions, int smaller, String note) {
        Map<String, double[]> values = rounds.run(repetitions);
        List<Measure> measures = new ArrayList<>(Rounds.measures(values, "images/s"));
        for (int i = 0; i < TIMES.length; i++) {
            measures.add(new Measure(label(i) + ", memory beyond what was there", "MB", new double[] {memory[i]}));
        }
        int largest = TIMES.length - 1;
        return new Result(
                name,
                title,
                measures,
                List.of(Ratio.of(
                        "images/s at " + label(largest) + " over " + label(smaller),
                        .9,
                        Objects.requireNonNull(values.get(label(largest))),
                        Objects.requireNonNull(values.get(label(smaller))))),
                List.of(note));
    }

    private static String label(int at) {
        return TIMES[at] + " times";
    }
}
