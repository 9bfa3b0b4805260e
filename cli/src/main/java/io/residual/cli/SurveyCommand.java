package io.residual.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.survey.Survey;
import io.residual.survey.SurveyReport;
import io.residual.sweep.Sweep;
import io.residual.sweep.SweepFile;
import io.residual.sweep.SweepRunner;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "survey",
        mixinStandardHelpOptions = true,
        description =
                "What heads, layers and weights do on the data sets of a sweep that has been run: a linear probe after"
                        + " each layer, dimensions, whether heads keep their roles (against a control with nothing"
                        + " learned), how few heads suffice, what weights of components do to each layer, and what is left"
                        + " on a data set with the same classes.",
        footer = {
            "",
            "It reads the traces and adapters that residual reproduce left in --results; only the control is traced"
                    + " anew.",
            "docs/findings-real.md tells what this found.",
            "",
            "Example: residual reproduce real --out real && residual survey real --results real --out survey/"
        })
final class SurveyCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(
            paramLabel = "SWEEP",
            description = "The sweep: a YAML file, or one that ships, as for residual reproduce.")
    String name = "";

    @Option(names = "--results", paramLabel = "FOLDER", required = true, description = "What it left: its --out.")
    Path results = Path.of("");

    @Option(
            names = "--root",
            paramLabel = "FOLDER",
            description = "What $root stands for in the sweep's file, as for residual reproduce.")
    @Nullable
    String root;

    @Option(
            names = "--data",
            paramLabel = "LABEL",
            description = "Only this data set of the sweep; may be given several times.")
    List<String> data = new ArrayList<>();

    @Option(
            names = "--control",
            paramLabel = "N",
            description =
                    "Test images of each set that the control sees, whose weights are shuffled within every tensor; 0"
                            + " for no control. Default: ${DEFAULT-VALUE}.")
    int control = 100;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            description = "Of random rankings and the control. Default: ${DEFAULT-VALUE}.")
    long seed = 42;

    @Option(names = "--out", paramLabel = "FOLDER", description = "Write survey.md, survey.json and charts there.")
    @Nullable
    Path target;

    @Mixin
    FigureFormats figures = new FigureFormats();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        figures.check();
        PrintWriter out = spec.commandLine().getOut();
        if (control != 0 && control < 20) {
            throw InputException.at(
                    "--control", String.valueOf(control), "0, or at least 20", "Spectra of fewer images mean nothing");
        }
        if (!Files.exists(results.resolve("results.duckdb"))) {
            throw InputException.at(
                    results,
                    "no results.duckdb",
                    "the folder of a sweep that has been run",
                    "Run residual reproduce first, and give its --out");
        }
        Sweep sweep = SweepFile.read(name, root).part(List.of(), data, List.of(), List.of());
        Progress progress = output.start();
        try (SweepRunner runner = new SweepRunner(sweep, results, progress)) {
            runner.visit((model, folder, measured) -> {
                SurveyReport report = new SurveyReport(new Survey(seed, control, progress).of(model, folder, measured));
                ObjectNode json = report.json();
                if (target != null) {
                    Path into = sweep.models().size() == 1
                            ? target
                            : target.resolve(measured.get(0).model().replaceAll("[^A-Za-z0-9._-]+", "-"));
                    AtomicFiles.writeString(into.resolve("survey.md"), report.markdown());
                    AtomicFiles.writeString(into.resolve("survey.json"), Json.file(json));
                    report.charts().forEach((name, chart) -> figures.write(into, name, chart, json));
                }
                out.println(output.json ? Json.pretty(json) : report.markdown());
            });
        }
        if (target != null && !output.json) {
            out.println(Printable.line("Written to " + target));
        }
        return 0;
    }
}
