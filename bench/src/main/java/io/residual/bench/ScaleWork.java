package io.residual.bench;

import io.residual.base.AtomicFiles;
import io.residual.base.Progress;
import io.residual.bench.Result.Measure;
import io.residual.bench.Result.Ratio;
import io.residual.data.Split;
import io.residual.provenance.Provenance;
import io.residual.spectrum.TraceStatistics;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.TraceFolder;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Spectra of all units from traces on disk of 1, 4, 16 and 64 times as many images: time for each image, and memory. */
final class ScaleWork implements Work {
    private static final int IMAGES = 250;
    private static final int[] TIMES = {1, 4, 16, 64};
    private static final double MEGA = 1e6;

    @Override
    public String name() {
        return "scale-spectra";
    }

    @Override
    public Result run(Setting setting) {
        int images = setting.quick() ? IMAGES / 10 : IMAGES;
        UnitShape shape = SpectraWork.shape();
        UnitFrame frame = SpectraWork.frame(shape);
        TraceBlock block = SpectraWork.block(shape, images, 10, 1);
        Path scratch = scratch();
        try {
            Rounds rounds = new Rounds();
            double[] memory = new double[TIMES.length];
            for (int i = 0; i < TIMES.length; i++) {
                int at = i;
                Path folder = scratch.resolve("times-" + TIMES[i]);
                TraceFolder.write(
                        folder,
                        new Trace<Split.Train>(
                                frame,
                                Collections.nCopies(TIMES[i], block),
                                List.of(),
                                Provenance.now("synthetic", "synthetic", 0, 0, Map.of())));
                rounds.add(label(i), () -> {
                    Machine.forgetPeak();
                    long before = Machine.memory();
                    double started = Clock.seconds();
                    TraceStatistics.of(folder, Progress.silent()).spectra(frame);
                    double rate = images * TIMES[at] / (Clock.seconds() - started);
                    memory[at] = Math.max(memory[at], (Machine.peakMemory() - before) / MEGA);
                    return rate;
                });
            }
            Map<String, double[]> values = rounds.run(setting.repetitions());
            List<Measure> measures = new ArrayList<>(Rounds.measures(values, "images/s"));
            for (int i = 0; i < TIMES.length; i++) {
                measures.add(new Measure(label(i) + ", memory beyond what was there", "MB", new double[] {memory[i]}));
            }
            return new Result(
                    name(),
                    "spectra of all units of ViT-B-16 from a trace on disk, by number of images",
                    measures,
                    List.of(Ratio.of(
                            "images/s at 64 times over 4 times",
                            .9,
                            Objects.requireNonNull(values.get(label(3))),
                            Objects.requireNonNull(values.get(label(1))))),
                    List.of(
                            "1 time is " + images + " images, " + images * shape.kept() * Float.BYTES / 1_000_000
                                    + " MB of trace; the eigenproblems of all units are part of the time, whatever the number of images"));
        } finally {
            AtomicFiles.delete(scratch);
        }
    }

    private static Path scratch() {
        try {
            return AtomicFiles.scratchFolder();
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder: " + e.getMessage(), e);
        }
    }

    static String label(int i) {
        return TIMES[i] + " times";
    }
}
