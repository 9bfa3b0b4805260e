package io.residual.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.chart.Chart;
import io.residual.report.FigureFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Formats and looks of figures, for the commands that write a folder of them. */
final class FigureFormats {
    @Option(
            names = "--figure-format",
            paramLabel = "FORMAT",
            split = ",",
            description = "svg, pdf or both (svg,pdf). Default: ${DEFAULT-VALUE}.")
    List<String> formats = new ArrayList<>(List.of("svg"));

    @Mixin
    FigureOptions style = new FigureOptions();

    /** Refuses what is mistaken, before anything is computed. */
    void check() {
        for (String format : formats) {
            if (!FigureFile.FORMATS.contains(format)) {
                throw InputException.unknown("--figure-format", format, FigureFile.FORMATS);
            }
            style.check(Path.of("figure." + format));
        }
    }

    /**
     * Writes a figure in every format.
     *
     * @param name without an ending
     * @return the files
     */
    List<Path> write(Path folder, String name, Chart chart, JsonNode document) {
        List<Path> files = formats.stream()
                .distinct()
                .map(f -> folder.resolve(name + "." + f))
                .toList();
        files.forEach(file -> style.write(file, chart, document));
        return files;
    }
}
