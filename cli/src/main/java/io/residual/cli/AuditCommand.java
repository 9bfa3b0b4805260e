package io.residual.cli;

import io.residual.audit.AuditImages;
import io.residual.audit.AuditJson;
import io.residual.audit.AuditPage;
import io.residual.audit.Corrections;
import io.residual.audit.Findings;
import io.residual.audit.Tracing;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.catalogue.Datasets;
import io.residual.command.DataOptions;
import io.residual.data.Dataset;
import io.residual.data.LabelFixes;
import io.residual.description.NearestTexts;
import io.residual.explorer.ReviewServer;
import io.residual.model.ImageTextModel;
import io.residual.units.StoredTraces;
import io.residual.units.Tracer;
import io.residual.web.Gate;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        description =
                "Finds copies, leaks between splits, wrong labels with their reasons, outliers and shortcuts in a data"
                        + " set.",
        footer = {
            "",
            "Nothing of yours is changed. The page shows the findings as images; suspects are accepted or rejected"
                    + " with the keyboard, and the decisions saved as a table (--review keeps each at once). Every command"
                    + " that takes a data set applies such a table with --labels.",
            "",
            "Without a model (--model, RESIDUAL_MODEL or --trace) only files and pixels are examined.",
            "",
            "Example: residual audit photos --model facebook/dinov2-small --out audit.html",
            "Example: residual audit photos --model facebook/dinov2-small --review",
            "Example: residual audit photos --table fixes.csv",
            "Example: residual evaluate --data photos --labels fixes.csv"
        })
final class AuditCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "DATA", description = "Data set: a folder, world:TASK, or a name on the hub.")
    String dataName = "";

    @Mixin
    TracedModelOptions modelOptions = new TracedModelOptions();

    @Option(
            names = "--trace",
            paramLabel = "FOLDER",
            description = "Traces of the images, instead of running the model: a folder with one trace for each split.")
    @Nullable
    Path trace;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the page: one HTML file that loads nothing.")
    @Nullable
    Path target;

    @Option(
            names = "--table",
            paramLabel = "FILE",
            description =
                    "Write the proposed corrections as CSV (file,action,value,reason), for --labels of any command.")
    @Nullable
    Path table;

    @Option(
            names = "--review",
            description =
                    "Serve the page, where suspects are accepted or rejected with the keyboard. Every decision is kept"
                            + " at once in the file of --table; default: DATA-fixes.csv beside the folder. Ctrl-C ends"
                            + " it.")
    boolean review;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Port of --review; 0 for any. Default: ${DEFAULT-VALUE}.")
    int port = 7357;

    @Option(
            names = "--no-words",
            description = "Do not describe heads in words: encoding the texts takes a minute with a large model.")
    boolean wordless;

    @Mixin
    CacheOptions cache = new CacheOptions();

    @Mixin
    DataOptions data = new DataOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() throws InterruptedException {
        if (!review) {
            Given.refuse(spec, "without --review", List.of("--port"));
        } else {
            decisions();
        }
        if (trace != null) {
            Given.refuse(spec, "with --trace", List.of("--model", "--bf16", "--no-cache", "--no-words"));
            if (!Files.isDirectory(trace)) {
                throw InputException.missing(trace, "a folder with traces");
            }
        }
        Progress progress = output.start();
        Dataset dataset = data.audited(dataName);
        PrintWriter out = spec.commandLine().getOut();
        if (trace != null) {
            finish(Findings.of(dataset, Tracing.stored(trace, new AuditImages(dataset)), progress), out);
        } else if (Given.is(spec, "--model")
                || System.getenv("RESIDUAL_MODEL") != null
                || Datasets.isEmbedded(dataName)) {
            try (ImageTextModel model = modelOptions.open(spec, progress);
                    StoredTraces traces = cache.stored(new Tracer(model), spec)) {
                NearestTexts words =
                        model.hasText() && !wordless ? new NearestTexts(Words.of(null, model, !cache.off)) : null;
                finish(
                        Findings.of(new AuditImages(dataset), Tracing.of(traces), words, dataset.notes(), progress),
                        out);
            }
        } else {
            finish(Findings.of(dataset, null, progress), out);
        }
        return 0;
    }

    /** Where decisions are kept: beside the data, unless the user says otherwise. */
    private Path decisions() {
        if (table != null) {
            return table;
        }
        Path folder = Path.of(dataName).toAbsolutePath().normalize();
        Path name = folder.getFileName();
        if (!Files.exists(folder) || name == null) {
            throw InputException.at(
                    "--review", "no --table", "a file for the decisions, as " + dataName + " is no folder", "Name one");
        }
        return folder.resolveSibling(name + "-fixes.csv");
    }

    private void finish(Findings all, PrintWriter out) throws InterruptedException {
        LabelFixes fixes = data.fixes();
        Findings findings = fixes == null ? all : all.reviewed(fixes);
        if (review) {
            write(findings, out);
            Path kept = decisions();
            try (ReviewServer server =
                    ReviewServer.start("127.0.0.1", port, Gate.of("127.0.0.1", null), findings, kept)) {
                output.print(
                        out,
                        "Review at " + server.address() + "; decisions are kept in " + kept + " (Ctrl-C ends it)",
                        Schema.STATUS,
                        Map.of("address", server.address(), "table", kept.toString()));
                out.flush();
                new CountDownLatch(1).await(); // until the process ends
            }
            return;
        }
        write(findings, out);
    }

    private void write(Findings findings, PrintWriter out) {
        if (target != null) {
            AtomicFiles.writeString(target, AuditPage.of(findings));
        }
        if (table != null && !review) {
            AtomicFiles.writeString(table, Corrections.table(findings));
        }
        if (output.json && review) {
            return; // a server prints where it listens, and nothing else
        }
        if (output.json) {
            out.println(Json.pretty(AuditJson.of(findings)));
            return;
        }
        out.println(Printable.line(
                findings.images().dataset() + ": " + findings.images().size() + " images, "
                        + findings.images().classes().size() + " classes"));
        findings.sentences().forEach(line -> out.println(Printable.line("  " + line)));
        findings.notes().forEach(note -> out.println(Printable.line("  Note: " + note)));
        if (target != null) {
            out.println(Printable.line("Page: " + target));
        }
        if (table != null && !review) {
            out.println(
                    Printable.line("Proposed corrections: " + table + " (proposed labels are a model's guesses, also of"
                            + " test images: review them, then apply the table with --labels " + table + ")"));
        } else if (target == null && !review) {
            out.println("Images and reasons: --out audit.html; proposed corrections: --table fixes.csv");
        }
        out.flush();
    }
}
