package io.residual.sweep;

import io.residual.data.Dataset;
import io.residual.sweep.Sweep.Data;
import java.nio.file.Files;
import java.util.Set;

/** What a sweep will still cost with one model. */
public record Estimate(String model, int fitsLeft, int fits, long images, double seconds, double bytes) {
    /** The time in words. */
    public String time() {
        return SweepCost.time(seconds);
    }

    /** The size on disk in words. */
    public String size() {
        return SweepCost.size(bytes);
    }

    /** Of what is missing from the store and the folder. */
    static Estimate of(Sweep sweep, SweepStore store, SweepFiles files, Work work) {
        Set<String> fitted = store.keys(false);
        int fitsLeft = 0;
        int fits = 0;
        long images = 0;
        double seconds = 0;
        SweepForgetting forgetting = new SweepForgetting(sweep, store, files);
        for (Data data : sweep.data()) {
            Dataset dataset = SweepData.open(data);
            seconds += forgetting.seconds(work, data, dataset);
            int left = untraced(work, data, dataset);
            images += left;
            seconds += left * work.cost().traceSeconds();
            for (KeyedFit each : KeyedFit.of(sweep, work.model(), data)) {
                fits++;
                if (!fitted.contains(each.key())) {
                    fitsLeft++;
                    seconds += seconds(work.cost(), each.fit(), dataset);
                }
            }
        }
        return new Estimate(
                work.name(),
                fitsLeft,
                fits,
                images,
                seconds,
                (double) images * work.cost().bytes());
    }

    /** Of one fit. */
    static double seconds(SweepCost cost, Sweep.Fit fit, Dataset dataset) {
        int classes = dataset.prompts().classes().size();
        int images =
                (int) Math.min((long) fit.shots() * classes, dataset.train().size());
        return cost.fit(fit.variant(), images);
    }

    private static int untraced(Work work, Data data, Dataset dataset) {
        int train = dataset.train().size();
        int validation = dataset.validation().size();
        return left(work, data, "train", train)
                + left(work, data, "validation", validation)
                + left(work, data, "test", dataset.testSize());
    }

    private static int left(Work work, Data data, String split, int images) {
        return Files.exists(SweepFiles.trace(work.traces(), data, split)) ? 0 : images;
    }
}
