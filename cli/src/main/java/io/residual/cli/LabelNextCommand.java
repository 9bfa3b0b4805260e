package io.residual.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.audit.AuditImages;
import io.residual.audit.LabelNext;
import io.residual.audit.LabelTrial;
import io.residual.audit.Tracing;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.chart.TextTable;
import io.residual.command.DataOptions;
import io.residual.data.Dataset;
import io.residual.data.ImageFiles;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.experiment.Recommendation.Mean;
import io.residual.model.ImageTextModel;
import io.residual.units.StoredTraces;
import io.residual.units.Tracer;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
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
        name = "label-next",
        mixinStandardHelpOptions = true,
        description =
                "Orders the images of a folder for labelling: typical ones first, then doubtful ones, never copies.",
        footer = {
            "",
            "With --labelled, images that resemble labelled ones wait, doubtful ones come earlier, and the learning"
                    + " curve says how many labels an accuracy takes. --trial tries the order on the labelled images"
                    + " themselves, against images at random.",
            "",
            "Example: residual label-next new-photos --model facebook/dinov2-small --out next.html",
            "Example: residual label-next new-photos --labelled photos --target-accuracy 0.9 --table next.csv",
            "Example: residual label-next --labelled photos --trial"
        })
final class LabelNextCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "FOLDER", description = "Folder with images that have no labels.")
    @Nullable
    Path folder;

    @Mixin
    TracedModelOptions modelOptions = new TracedModelOptions();

    @Option(
            names = "--labelled",
            paramLabel = "DATA",
            description = "Images that have labels already: a folder, world:TASK, or a name on the hub.")
    @Nullable
    String labelled;

    @Option(names = "--count", paramLabel = "N", description = "Images to list. Default: ${DEFAULT-VALUE}.")
    int count = 200;

    @Option(
            names = "--target-accuracy",
            paramLabel = "SHARE",
            description = "Say how many labels this accuracy takes, such as 0.9. Needs --labelled.")
    @Nullable
    Double target;

    @Option(names = "--out", paramLabel = "FILE", description = "Write a contact sheet: one HTML file.")
    @Nullable
    Path sheet;

    @Option(names = "--table", paramLabel = "FILE", description = "Write the list as CSV, with a column to fill in.")
    @Nullable
    Path table;

    @Option(names = "--trial", description = "Try the order on the images of --labelled, against images at random.")
    boolean trial;

    @Option(names = "--draws", paramLabel = "N", description = "Draws of --trial. Default: ${DEFAULT-VALUE}.")
    int draws = 10;

    @Option(
            names = "--trace",
            paramLabel = "FOLDER",
            description = "Traces for --trial instead of a model: a folder with one trace for each split.")
    @Nullable
    Path trace;

    @Mixin
    CacheOptions cache = new CacheOptions();

    @Mixin
    DataOptions data = new DataOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        check();
        Progress progress = output.start();
        PrintWriter out = spec.commandLine().getOut();
        Dataset dataset = labelled == null ? null : data.open(labelled);
        AuditImages known = dataset == null ? null : new AuditImages(dataset);
        if (trace != null && known != null) {
            print(LabelNext.trial(known, Tracing.stored(trace, known), draws, progress), out);
            return 0;
        }
        try (ImageTextModel model = modelOptions.open(spec, progress);
                StoredTraces traces = cache.stored(new Tracer(model), spec)) {
            Tracing tracing = Tracing.of(traces);
            if (trial && known != null) {
                print(LabelNext.trial(known, tracing, draws, progress), out);
            } else if (folder != null) {
                LabelledImages<Split.Train> images =
                        LabelledImages.of(ImageFiles.of(List.of(folder.toString()), System.in));
                print(LabelNext.of(images, folder.toString(), known, tracing, traces, count, target, progress), out);
            }
        }
        return 0;
    }

    private void check() {
        if (trial) {
            Given.refuse(spec, "with --trial", List.of("--count", "--target-accuracy", "--out", "--table"));
            Given.atLeast("--draws", 3, draws);
        } else {
            Given.refuse(spec, "without --trial", List.of("--draws", "--trace"));
            Given.atLeast("--count", 1, count);
        }
        if (labelled == null) {
            Given.refuse(spec, "without --labelled", List.of("--trial", "--target-accuracy"));
            Given.refuse(spec, "without --labelled", DataOptions.NAMES);
        }
        if (trace != null) {
            Given.refuse(spec, "with --trace", List.of("--model", "--bf16", "--no-cache"));
            if (!Files.isDirectory(trace)) {
                throw InputException.missing(trace, "a folder with traces");
            }
        }
        if (target != null && !(target > 0 && target < 1)) {
            throw InputException.at(
                    "--target-accuracy", String.valueOf(target), "a share above 0 and below 1", "Correct it");
        }
        if (!trial && folder == null) {
            throw InputException.at(
                    "FOLDER", "nothing", "a folder with images without labels", "Name one, or give --trial");
        }
        if (trial && folder != null) {
            throw InputException.at("FOLDER", folder.toString(), "no folder with --trial", "Leave it out");
        }
    }

    private void print(LabelNext next, PrintWriter out) {
        if (sheet != null) {
            AtomicFiles.writeString(sheet, next.page());
        }
        if (table != null) {
            AtomicFiles.writeString(table, next.table());
        }
        if (output.json) {
            out.println(Json.pretty(next.json()));
            return;
        }
        if (table == null && sheet == null) {
            next.order()
                    .picks()
                    .forEach(p -> out.println(Printable.line(next.unlabelled().name(p.image()))));
        }
        next.sentences().forEach(line -> out.println(Printable.line("  " + line)));
        next.notes().forEach(note -> out.println(Printable.line("  Note: " + note)));
        if (sheet != null) {
            out.println(Printable.line("Contact sheet: " + sheet));
        }
        if (table != null) {
            out.println(Printable.line("List: " + table));
        }
        out.flush();
    }

    private void print(LabelTrial found, PrintWriter out) {
        if (output.json) {
            ObjectNode root =
                    Schema.LABEL_TRIAL.document().put("data", labelled).put("draws", draws);
            ArrayNode rounds = root.putArray("rounds");
            for (LabelTrial.Round round : found.rounds()) {
                ObjectNode node = rounds.addObject().put("labels", round.labels());
                mean(node.putObject("ordered"), round.ordered());
                mean(node.putObject("random"), round.random());
                mean(node.putObject("gain"), round.gain());
            }
            ObjectNode forecast = root.putObject("forecast");
            forecast.set("value", Json.of(found.forecast().value()));
            forecast.set("low", Json.of(found.forecast().low()));
            forecast.set("high", Json.of(found.forecast().high()));
            root.put("reached", found.reached());
            out.println(Json.pretty(root));
            return;
        }
        out.println(Printable.line(
                "Accuracy on validation images, in %, mean of " + draws + " draws (± half of the 95 % interval)"));
        TextTable text = new TextTable().row("labels", "in order", "at random", "gain");
        found.rounds()
                .forEach(
                        r -> text.row(String.valueOf(r.labels()), said(r.ordered()), said(r.random()), said(r.gain())));
        out.print(text.toString());
        String forecast = Double.isNaN(found.forecast().value())
                ? "" // too few labels for a curve
                : String.format(
                        Locale.ROOT,
                        "; the curve of a quarter of them said %.1f %% [%.1f, %.1f]",
                        100 * found.forecast().value(),
                        100 * found.forecast().low(),
                        100 * found.forecast().high());
        out.println(String.format(Locale.ROOT, "With all labels %.1f %%%s.", 100 * found.reached(), forecast));
        out.flush();
    }

    private static String said(Mean mean) {
        return String.format(Locale.ROOT, "%.1f ± %.1f", 100 * mean.value(), 100 * mean.half());
    }

    private static void mean(ObjectNode node, Mean mean) {
        node.put("value", mean.value()).put("half", mean.half());
    }
}
