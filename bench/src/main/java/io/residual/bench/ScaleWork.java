package io.residual.bench;

import io.residual.base.AtomicFiles;
import io.residual.base.Progress;
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
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Spectra of all units from traces on disk of 1, 4, 16 and 64 times as many images: time for each image, and memory. */
final class ScaleWork implements Work {
    @Override
    public String name() {
        return "scale-spectra";
    }

    @Override
    public Result run(Setting setting) {
        int images = setting.quick() ? ByNumber.IMAGES / 10 : ByNumber.IMAGES;
        UnitShape shape = SpectraWork.shape();
        UnitFrame frame = SpectraWork.frame(shape);
        TraceBlock block = SpectraWork.block(shape, images, 10, 1);
        Path scratch = scratch();
        try {
            ByNumber scale = new ByNumber();
            for (int i = 0; i < ByNumber.TIMES.length; i++) {
                int times = ByNumber.TIMES[i];
                Path folder = scratch.resolve("times-" + times);
                TraceFolder.write(
                        folder,
                        new Trace<Split.Train>(
                                frame,
                                Collections.nCopies(times, block),
                                List.of(),
                                Provenance.now("synthetic", "synthetic", 0, 0, Map.of())));
                scale.add(i, images, () -> TraceStatistics.of(folder, Progress.silent())
                        .spectra(frame));
            }
            return scale.run(
                    name(),
                    "spectra of all units of ViT-B-16 from a trace on disk, by number of images",
                    setting.repetitions(),
                    1,
                    "1 time is " + images + " images, " + images * shape.kept() * Float.BYTES / 1_000_000
                            + " MB of trace; the eigenproblems of all units are part of the time, whatever the number of images");
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
}
