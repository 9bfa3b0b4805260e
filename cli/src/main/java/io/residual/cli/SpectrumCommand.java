package io.residual.cli;

import io.residual.base.Progress;
import io.residual.report.GeometryReport;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.SpectrumFile;
import io.residual.spectrum.TraceStatistics;
import io.residual.spectrum.TwoNn;
import io.residual.spectrum.UnitGeometry;
import io.residual.units.Trace;
import io.residual.units.TraceFolder;
import io.residual.units.UnitFrame;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.Pointer;
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
        description = "The principal components and dimensions of every head and MLP of a trace.",
        footer = {
            "",
            "Spectra come from statistics that add up shard by shard, so memory does not grow with the number of images;",
            "TwoNN needs all images of a unit at once and can be left out.",
            "",
            "Example: residual spectrum signs.trace --out signs.spectrum"
        })
final class SpectrumCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "TRACE", description = "A folder that residual trace wrote.")
    Path folder = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write means, components and eigenvalues there (safetensors).")
    @Nullable
    Path target;

    @Option(names = "--no-two-nn", description = "Leave out the nonlinear dimension.")
    boolean withoutTwoNn;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = output.start();
        TraceFolder.Manifest manifest = TraceFolder.manifest(folder);
        UnitFrame frame = TraceFolder.frame(folder);
        TraceStatistics statistics = new TraceStatistics();
        progress.start("statistics", manifest.shards().size());
        int[] done = new int[1];
        TraceFolder.stream(folder, block -> {
            statistics.add(block);
            progress.at(++done[0]);
        });
        progress.finish();
        List<Spectrum> spectra = statistics.spectra(frame);
        List<UnitGeometry> geometry = new ArrayList<>();
        Trace<?> trace = withoutTwoNn ? null : TraceFolder.any(folder);
        progress.start("dimensions", spectra.size());
        for (Spectrum spectrum : spectra) {
            double dimension =
                    trace == null || spectrum.rank() == 0 ? Double.NaN : TwoNn.dimension(trace, spectrum.unit());
            geometry.add(UnitGeometry.of(spectrum, dimension));
            progress.at(geometry.size());
        }
        progress.finish();
        if (target != null) {
            new SpectrumFile(manifest.shape(), spectra, manifest.provenance()).write(target);
        }
        if (output.json) {
            out.println(GeometryReport.json(
                    geometry, spectra.stream().map(Spectrum::eigenvalues).toList(), manifest.provenance()));
        } else {
            out.print(GeometryReport.text(geometry));
            out.printf(
                    Locale.ROOT,
                    "%n%d images; memory at the end %,d MB%n",
                    spectra.get(0).count(),
                    Pointer.physicalBytes() >> 20);
            if (target != null) {
                out.println("Written to " + target);
            }
        }
        return 0;
    }
}
