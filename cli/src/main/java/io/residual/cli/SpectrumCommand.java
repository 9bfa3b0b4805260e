package io.residual.cli;

import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.report.GeometryReport;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.SpectrumFile;
import io.residual.spectrum.TraceStatistics;
import io.residual.spectrum.TwoNn;
import io.residual.spectrum.UnitGeometry;
import io.residual.tensor.NativeRuntime;
import io.residual.units.TraceFolder;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "spectrum",
        mixinStandardHelpOptions = true,
        description = "Computes principal components and intrinsic dimensions of every head and MLP of a trace.",
        footer = {
            "",
            "Statistics are merged shard by shard, so memory does not grow with the number of images. TwoNN,"
                    + " the nonlinear dimension, needs all images of a unit at once and can be left out.",
            "",
            "Example: residual spectrum signs.trace --out signs.spectrum"
        })
final class SpectrumCommand implements Callable<Integer> {
    /** Images per coordinate of a head, from which on dimensions can be trusted. */
    private static final int ENOUGH = 10;

    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "TRACE", description = "Trace folder, written by residual trace.")
    Path folder = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Also write means, components and eigenvalues (safetensors).")
    @Nullable
    Path target;

    @Option(names = "--heads", description = "Also print a line for every head.")
    boolean everyHead;

    @Option(names = "--no-two-nn", description = "Leave out the nonlinear dimension (TwoNN).")
    boolean withoutTwoNn;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = output.start();
        TraceFolder.Manifest manifest = TraceFolder.manifest(folder);
        UnitFrame frame = TraceFolder.frame(folder);
        long started = System.nanoTime();
        List<Spectrum> spectra = TraceStatistics.of(folder, progress).spectra(frame);
        double spectraSeconds = (System.nanoTime() - started) / 1e9;
        long spectraPeak = NativeRuntime.peakMemory();
        Map<UnitId, Double> dimensions = new HashMap<>();
        if (!withoutTwoNn) {
            progress.start("dimensions", spectra.size());
            List<UnitId> varying = spectra.stream()
                    .filter(s -> s.rank() > 0)
                    .map(Spectrum::unit)
                    .toList();
            TraceFolder.points(folder, varying, points -> {
                dimensions.put(points.unit(), TwoNn.dimension(points, frame));
                progress.at(dimensions.size());
            });
            progress.finish();
        }
        List<UnitGeometry> geometry = spectra.stream()
                .map(s -> UnitGeometry.of(s, dimensions.getOrDefault(s.unit(), Double.NaN)))
                .toList();
        if (target != null) {
            new SpectrumFile(manifest.shape(), spectra, manifest.provenance()).write(target);
        }
        if (output.json) {
            out.println(GeometryReport.json(
                    geometry, spectra.stream().map(Spectrum::eigenvalues).toList(), manifest.provenance()));
        } else {
            out.print(GeometryReport.text(geometry, everyHead));
            out.printf(
                    Locale.ROOT,
                    "%n%d images; spectra in %.1f s with %,d MB at most; %,d MB at most in all%n",
                    spectra.get(0).count(),
                    spectraSeconds,
                    spectraPeak >> 20,
                    NativeRuntime.peakMemory() >> 20);
            if (target != null) {
                out.println(Printable.line("Written to " + target));
            }
        }
        String few = few(spectra.get(0).count(), manifest.shape().headWidth());
        if (few != null) {
            Notes.print(spec, few);
        }
        return 0;
    }

    /** What few images do to dimensions; null where there are enough. */
    static @Nullable String few(long images, int width) {
        return images >= (long) ENOUGH * width
                ? null
                : images + " images are few for heads of width " + width
                        + ": TwoNN comes out too small, components to 90 % and 99 %"
                        + " cannot exceed " + (images - 1) + "; take " + ENOUGH * width
                        + " or more, and compare only equal numbers of images (docs/definitions.md)";
    }
}
