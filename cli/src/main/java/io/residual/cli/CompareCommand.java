package io.residual.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.provenance.Provenance;
import io.residual.report.CompareReport;
import io.residual.spectrum.SpectralComparison;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.SpectrumFile;
import io.residual.spectrum.TraceStatistics;
import io.residual.units.TraceFolder;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = "Compares heads across data sets or models by the normalised cosine of their spectra: 1 for equal"
                + " spectra, 0 for orthogonal ones.",
        footer = {
            "",
            "--with takes traces of another model on the same data sets in the same order. It then measures"
                    + " whether the two models agree on which data sets are similar: on average (any models), and head"
                    + " by head (models of the same shape). The latter pairs heads by position, which is meaningful"
                    + " only for models with a common training history.",
            "",
            "Example: residual compare signs.trace digits.trace colors.trace --figure heads.svg",
            "Example: residual compare a1.trace a2.trace a3.trace --with b1.trace,b2.trace,b3.trace"
        })
final class CompareCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "TRACE",
            description = "Trace folders, or files written by residual spectrum.")
    List<Path> paths = new ArrayList<>();

    @Option(
            names = "--with",
            split = ",",
            paramLabel = "TRACE",
            description = "Traces or spectra of another model, on the same data sets.")
    List<Path> others = new ArrayList<>();

    @Option(
            names = "--variance",
            paramLabel = "SHARE",
            description = "Share of each head's variance that is compared. Default: ${DEFAULT-VALUE}.")
    double variance = .9;

    @Option(
            names = "--figure",
            paramLabel = "FILE",
            description = "Write a heat map of heads × data sets (.svg or .pdf).")
    @Nullable
    Path svg;

    @Mixin
    FigureOptions figures = new FigureOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        figures.check(svg);
        if (!(variance > 0 && variance <= 1)) {
            throw InputException.at("--variance", String.valueOf(variance), "a share above 0, to 1", "Correct it");
        }
        if (paths.size() + others.size() < 2) {
            throw InputException.at("the traces to compare", "one", "two or more", "Name another");
        }
        if (!others.isEmpty() && others.size() != paths.size()) {
            throw InputException.at(
                    "--with",
                    others.size() + " traces",
                    paths.size() + ", as many as the others",
                    "Give the other model's traces of the same data sets, in the same order");
        }
        Progress progress = output.start();
        List<SpectrumFile> mine = read(paths, progress);
        List<SpectrumFile> theirs = read(others, progress);
        for (int i = 0; i < theirs.size(); i++) {
            if (!mine.get(i)
                    .provenance()
                    .data()
                    .equals(theirs.get(i).provenance().data())) {
                spec.commandLine()
                        .getErr()
                        .println(Printable.line("Warning: " + paths.get(i) + " and " + others.get(i)
                                + " are not of the same images; is the order of --with right?"));
            }
        }
        List<Provenance> provenance = new ArrayList<>();
        mine.forEach(s -> provenance.add(s.provenance()));
        theirs.forEach(s -> provenance.add(s.provenance()));
        if (paths.size() == 1) { // one of each model: two models of one shape on a data set
            print(out, compare(List.of(paths.get(0), others.get(0)), both(mine, theirs), progress), provenance, null);
            return 0;
        }
        SpectralComparison comparison = compare(paths, mine, progress);
        SpectralComparison other = others.isEmpty() ? null : compare(others, theirs, progress);
        print(out, comparison, provenance, other);
        return 0;
    }

    private static List<SpectrumFile> both(List<SpectrumFile> a, List<SpectrumFile> b) {
        return List.of(a.get(0), b.get(0));
    }

    private SpectralComparison compare(List<Path> named, List<SpectrumFile> files, Progress progress) {
        UnitShape shape = files.get(0).shape();
        for (int i = 1; i < files.size(); i++) {
            if (!files.get(i).shape().equals(shape)) {
                throw InputException.at(
                        named.get(i),
                        "a model of " + files.get(i).shape(),
                        "one of " + shape + ", as " + named.get(0),
                        "Heads can be compared one by one only between models of one shape; give another model's traces"
                                + " with --with");
            }
        }
        return SpectralComparison.of(
                names(named), shape, files.stream().map(SpectrumFile::spectra).toList(), variance, progress);
    }

    /** The last part of each path; all of it where that is not enough to tell them apart. */
    private static List<String> names(List<Path> named) {
        List<String> last = named.stream()
                .map(p -> String.valueOf(p.toAbsolutePath().normalize().getFileName())
                        .replaceFirst("\\.(trace|spectrum)$", ""))
                .toList();
        return last.stream().distinct().count() == last.size()
                ? last
                : named.stream().map(Path::toString).toList();
    }

    private static List<SpectrumFile> read(List<Path> named, Progress progress) {
        List<SpectrumFile> files = new ArrayList<>();
        for (Path path : named) {
            files.add(Files.isDirectory(path) ? ofTrace(path, progress) : SpectrumFile.read(path));
        }
        return files;
    }

    private static SpectrumFile ofTrace(Path folder, Progress progress) {
        TraceFolder.Manifest manifest = TraceFolder.manifest(folder);
        UnitFrame frame = TraceFolder.frame(folder);
        TraceStatistics statistics = TraceStatistics.of(folder, progress);
        List<Spectrum> spectra = statistics.spectra(frame);
        return new SpectrumFile(manifest.shape(), spectra, manifest.provenance());
    }

    private void print(
            PrintWriter out,
            SpectralComparison comparison,
            List<Provenance> provenance,
            @Nullable SpectralComparison other) {
        if (svg != null) {
            figures.write(svg, CompareReport.json(comparison, provenance));
        }
        boolean alike = other != null
                && other.shape().layers() == comparison.shape().layers()
                && other.shape().heads() == comparison.shape().heads();
        if (output.json) {
            ObjectNode node = CompareReport.json(comparison, provenance);
            if (other != null) {
                node.set("with", CompareReport.json(other, List.of()));
                ObjectNode correlation = node.putObject("correlation");
                correlation.put("over_pairs", comparison.correlationOfMeans(other));
                correlation.put("over_heads_and_pairs", alike ? comparison.correlation(other) : Double.NaN);
            }
            out.println(Json.pretty(node));
            return;
        }
        out.print(CompareReport.text(comparison));
        if (other != null) {
            out.printf(
                    Locale.ROOT,
                    "%nAgreement of the two models (Pearson): %s over pairs of data sets, %s over heads and pairs%n",
                    number(comparison.correlationOfMeans(other)),
                    alike
                            ? number(comparison.correlation(other))
                            : "not defined for models of other numbers of layers and heads");
        }
        if (svg != null) {
            out.println(Printable.line("Figure: " + svg));
        }
    }

    private static String number(double value) {
        return Double.isNaN(value)
                ? "undefined (too few pairs, or no variation)"
                : String.format(Locale.ROOT, "%.3f", value);
    }
}
