package io.residual.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.AtomicFiles;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.command.DataOptions;
import io.residual.explorer.HtmlReport;
import io.residual.explorer.ReportData;
import io.residual.explorer.ReportSource;
import io.residual.model.ImageTextModel;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Writes one HTML file: results, heads with text descriptions, and decomposed decisions.",
        footer = {
            "",
            "The file needs no network. Heads are analysed on validation images, so that choices made while"
                    + " reading do not use the test split.",
            "",
            "Example: residual report --data world:signs --adapter signs.adapter --out signs.html"
        })
final class ReportCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    TracedModelOptions modelOptions = new TracedModelOptions();

    @Mixin
    ReportOptions report = new ReportOptions();

    @Option(names = "--out", paramLabel = "FILE", description = "HTML file to write. Default: ${DEFAULT-VALUE}.")
    Path target = Path.of("residual-report.html");

    @Mixin
    DataOptions data = new DataOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        Progress progress = output.start();
        report.check();
        try (ImageTextModel model = modelOptions.open(spec, progress, report.adapterFiles)) {
            ReportSource source = report.open(spec, model, data).trace(progress);
            ObjectNode found = ReportData.of(source, progress);
            String page = HtmlReport.file(found).html();
            AtomicFiles.writeString(target, page);
            output.print(
                    spec.commandLine().getOut(),
                    String.format(Locale.ROOT, "Report: %s (%.1f MB)", target, page.length() / 1e6),
                    Schema.WRITTEN,
                    Map.of("written", target.toString()));
        }
        return 0;
    }
}
