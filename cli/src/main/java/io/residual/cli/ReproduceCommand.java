package io.residual.cli;

import io.residual.base.InputException;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.experiment.FewShots;
import io.residual.sweep.Estimate;
import io.residual.sweep.Sweep;
import io.residual.sweep.SweepCheck;
import io.residual.sweep.SweepFile;
import io.residual.sweep.SweepRunner;
import io.residual.sweep.SweepTables;
import java.io.PrintWriter;
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
        name = "reproduce",
        mixinStandardHelpOptions = true,
        description = "Runs a sweep of models x data sets x methods from one file, into one database and tables.",
        footer = {
            "",
            "Finished fits are not repeated: after a crash, or with another method in the file, the same"
                    + " command resumes. It writes results.duckdb, table.md, table.tex, runs.csv, traces.csv and runs.json.",
            "",
            "real measures a local model on ten local data sets of photographs and drawings; --root names the folder"
                    + " that holds models/dinov2-small, data/cifar10, data/mnist and data/real (default: ../shared).",
            "",
            "Example: residual reproduce --out results",
            "Example: residual reproduce few-labels --out few",
            "Example: residual reproduce few-labels --model world-blip --method gda --shots 1,4,16 --out some",
            "Example: residual reproduce my-sweep.yaml --out mine --plan",
            "Example: residual reproduce real --root ../shared --out real",
            "Example: residual reproduce real --data intel_scenes --method ResiDual --shots all --out one",
            "Example: residual reproduce paper --check"
        })
final class ReproduceCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(
            paramLabel = "SWEEP",
            arity = "0..1",
            description = "A YAML file, or a sweep that ships: embedded (three models, ten tasks, every method),"
                    + " few-labels, settings (the comparison behind the defaults), real (a local model, ten local sets of"
                    + " real images), paper (seven models, ten data sets of the hub). Default: ${DEFAULT-VALUE}.")
    String name = "embedded";

    @Option(names = "--out", paramLabel = "FOLDER", description = "Folder for the results; created if missing.")
    @Nullable
    Path target;

    @Option(
            names = "--root",
            paramLabel = "FOLDER",
            description = "What $root stands for in the sweep's file, instead of the file's own folder.")
    @Nullable
    String root;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "Only this model of the sweep; may be given several times.")
    List<String> models = new ArrayList<>();

    @Option(
            names = "--data",
            paramLabel = "LABEL",
            description = "Only this data set of the sweep; may be given several times.")
    List<String> data = new ArrayList<>();

    @Option(
            names = "--method",
            paramLabel = "NAME",
            description = "Only this method: a name that the tables have, or, for all variants of a"
                    + " method, what --method of align calls it. May be given several times.")
    List<String> methods = new ArrayList<>();

    @Option(
            names = "--shots",
            split = ",",
            paramLabel = "N",
            description =
                    "Only so many images a class, of those that the sweep has, such as 1,4,all. What is measured is"
                            + " the same as in the whole sweep.")
    List<String> shots = new ArrayList<>();

    @Option(
            names = "--check",
            description =
                    "Only check the file, without a network: names, splits, classes, templates, sizes, and what is"
                            + " already on this machine.")
    boolean check;

    @Option(names = "--plan", description = "Only print the estimated cost.")
    boolean plan;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        Sweep sweep = SweepFile.read(name, root)
                .part(models, data, methods, shots.stream().map(FewShots::count).toList());
        PrintWriter out = spec.commandLine().getOut();
        SweepCheck.notes(sweep).forEach(note -> spec.commandLine().getErr().println("residual: note: " + note));
        if (check) {
            out.print(SweepCheck.text(sweep));
            return 0;
        }
        if (target == null) {
            throw InputException.at("--out", "nothing", "a folder for the results", "Give one, such as --out results");
        }
        Progress progress = output.start();
        try (SweepRunner runner = new SweepRunner(sweep, target, progress)) {
            if (!output.quiet || plan) {
                PrintWriter where =
                        plan && !output.json ? out : spec.commandLine().getErr();
                runner.estimate().forEach(e -> where.println(line(e)));
                where.flush();
            }
            if (plan) {
                return 0;
            }
            SweepTables tables = new SweepTables(sweep, runner.store(), runner.run());
            tables.write(target);
            out.println(output.json ? tables.json() : tables.markdown());
            if (!output.json) {
                out.println(Printable.line("Written to " + target));
            }
        }
        return 0;
    }

    private static String line(Estimate e) {
        return String.format(
                Locale.ROOT,
                "%s: %,d of %,d fits and %,d images to trace; about %s and %s on disk",
                Printable.line(e.model()),
                e.fitsLeft(),
                e.fits(),
                e.images(),
                e.time(),
                e.size());
    }
}
