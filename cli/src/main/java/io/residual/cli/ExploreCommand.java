package io.residual.cli;

import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.command.DataOptions;
import io.residual.explorer.ExploreServer;
import io.residual.explorer.ReportData;
import io.residual.explorer.ReportSource;
import io.residual.explorer.ReportSource.Named;
import io.residual.explorer.Workbench;
import io.residual.model.ImageTextModel;
import io.residual.spectrum.TraceStatistics;
import io.residual.units.Trace;
import io.residual.web.Gate;
import io.residual.zeroshot.Classifier;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "explore",
        mixinStandardHelpOptions = true,
        description = "Serves the report's pages with controls: scale components, upload images, suppress attributes.",
        footer = {
            "",
            "All numbers are of validation images. Without --adapter, the components of the unadapted model"
                    + " can be scaled. An edited adapter can be saved under a new name. Ctrl-C stops the server.",
            "",
            "Example: residual explore --data world:signs --adapter signs.adapter"
        })
final class ExploreCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    TracedModelOptions modelOptions = new TracedModelOptions();

    @Mixin
    ReportOptions report = new ReportOptions();

    @Option(names = "--host", paramLabel = "HOST", description = "Address to listen on. Default: ${DEFAULT-VALUE}.")
    String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "PORT", description = "Port; 0 for any. Default: ${DEFAULT-VALUE}.")
    int port = 7357;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description = "Token that browsers must present. Default: none on loopback; elsewhere one that is made and"
                    + " printed.")
    @Nullable
    String token;

    @Option(
            names = "--save-in",
            paramLabel = "FOLDER",
            description = "Folder for edited adapters. Default: the current folder.")
    Path folder = Path.of("");

    @Mixin
    DataOptions data = new DataOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() throws InterruptedException {
        report.check();
        if (port < 0 || port > 65535) {
            throw InputException.at("--port", String.valueOf(port), "0 to 65535", "Correct it");
        }
        Path saved = folder.toAbsolutePath().normalize();
        if (!Files.isDirectory(saved)) {
            throw InputException.missing(folder, "a folder to save adapters in");
        }
        Gate gate = Gate.of(host, token);
        Progress progress = output.start();
        PrintWriter out = spec.commandLine().getOut();
        try (ImageTextModel model = modelOptions.open(spec, progress, report.adapterFiles)) {
            ReportOptions.Inputs inputs = report.open(spec, model, data);
            try (ExploreServer server = ExploreServer.start(host, port, gate)) {
                output.print(
                        out,
                        "Serving at " + server.address() + " (Ctrl-C ends it)",
                        Schema.STATUS,
                        Map.of("address", server.address()));
                Progress told = server.progress(progress);
                ReportSource traced = inputs.trace(told);
                ReportSource source = traced.adapters().isEmpty() ? traced.with(List.of(unchanged(traced))) : traced;
                try (Workbench bench = new Workbench(source, saved)) {
                    server.serve(bench);
                    server.show(ReportData.of(source, told, server::show));
                    new CountDownLatch(1).await(); // until the process ends
                }
            }
        }
        return 0;
    }

    /** The unadapted model, as a ResiDual with λ = 1 over the components of these images. */
    private Named unchanged(ReportSource source) {
        ImageTextModel model = source.model();
        var trace = source.validation();
        Classifier classifier = source.classifier();
        ComponentDesign design = ComponentDesign.residual(
                trace.frame(), new TraceStatistics().add(trace.blocks()).spectra(trace.frame()), Means.RESTORED);
        float[] ones = new float[design.parameters()];
        Arrays.fill(ones, 1);
        Adapter adapter = new Adapter.Spectral(design, ones);
        Calibration calibration = Calibration.fit(adapter, classifier, trace, Calibration.TARGET_ACCURACY);
        return new Named(
                "the unadapted model",
                AdapterFile.untested(
                        adapter,
                        classifier,
                        source.dataset().prompts(),
                        data.recipe(report.dataName),
                        accuracy(adapter, classifier, trace),
                        calibration,
                        trace.provenance(),
                        model.selfCheck()));
    }

    private static double accuracy(
            Adapter adapter, Classifier classifier, Trace<io.residual.data.Split.Validation> trace) {
        int[] labels = trace.labels();
        int right = 0;
        int at = 0;
        for (Calibration.Decision decision : Calibration.decisions(
                Calibration.logits(adapter, classifier, trace),
                classifier.classes().size(),
                1)) {
            right += decision.chosen() == labels[at++] ? 1 : 0;
        }
        return (double) right / labels.length;
    }
}
