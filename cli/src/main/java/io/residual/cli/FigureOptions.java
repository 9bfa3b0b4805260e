package io.residual.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.chart.Chart;
import io.residual.chart.FigureStyle;
import io.residual.chart.Palette;
import io.residual.report.FigureFile;
import io.residual.report.Figures;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How figures look, for the commands that write some. */
final class FigureOptions {
    @Option(
            names = "--figure-width",
            paramLabel = "MM",
            description = "Width of figures in millimetres, such as 85 for a column. Default: what suits the plot.")
    @Nullable
    Double width;

    @Option(names = "--figure-font-size", paramLabel = "PT", description = "Size of the labels in points. Default: 10.")
    double size = 10;

    @Option(
            names = "--figure-font",
            paramLabel = "FONT",
            description =
                    "A TrueType file (.ttf), which a PDF embeds; or, for SVG alone, the name of a font. Default: sans"
                            + " serif.")
    @Nullable
    String font;

    @Option(
            names = "--palette",
            paramLabel = "NAME",
            description = "Colours: okabe-ito, tol (both safe for colour-blind eyes) or grey. Default: okabe-ito.")
    String palette = Palette.OKABE_ITO.id();

    @Spec(Spec.Target.MIXEE)
    CommandSpec command = CommandSpec.create();

    /** Refuses what is mistaken, before anything is computed. */
    FigureFile files() {
        Double wide = width;
        if (wide != null && !(wide >= 20 && wide <= 2000)) {
            throw InputException.at("--figure-width", wide + " mm", "20 to 2000 mm", "Give another width");
        }
        if (!(size >= 3 && size <= 72)) {
            throw InputException.at("--figure-font-size", size + " pt", "3 to 72 pt", "Give another size");
        }
        Palette colours = Arrays.stream(Palette.values())
                .filter(p -> p.id().equals(palette.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> InputException.unknown(
                        "--palette",
                        palette,
                        Arrays.stream(Palette.values()).map(Palette::id).toList()));
        Path typeface = typeface();
        String family = font == null || typeface != null ? "sans-serif" : font;
        double pixels = wide == null ? 0 : wide * FigureStyle.MILLIMETRE;
        return new FigureFile(new FigureStyle(pixels, size * FigureStyle.POINT, family, colours), typeface);
    }

    private @Nullable Path typeface() {
        try {
            Path file = font == null ? null : Path.of(font);
            boolean named = font != null && font.toLowerCase(Locale.ROOT).endsWith(".ttf");
            if (file != null && named && !Files.isRegularFile(file)) {
                throw InputException.missing(file, "a TrueType font");
            }
            return named ? file : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** Checks the options and a figure's name, before anything is computed. */
    void check(@Nullable Path target) {
        FigureFile files = files();
        if (target != null && FigureFile.format(target).equals("pdf") && font != null && files.typeface() == null) {
            throw InputException.at(
                    "--figure-font", font, "a TrueType file (.ttf), which a PDF needs", "Give the font's file");
        }
    }

    /** Writes one figure of a document; says so where it has none. */
    void write(Path target, JsonNode document) {
        List<Figures.Named> figures = Figures.of(document);
        if (figures.isEmpty()) {
            Notes.print(command, "these results have nothing that is drawn: " + target + " is not written");
            return;
        }
        write(target, figures.get(0).chart(), document);
    }

    /** Writes a figure; says what there is to be said. */
    void write(Path target, Chart chart, JsonNode document) {
        String note = files().write(target, chart, Figures.origin(document));
        if (!note.isEmpty()) {
            Notes.print(command, note);
        }
    }
}
