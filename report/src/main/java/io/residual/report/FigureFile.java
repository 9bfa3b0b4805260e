package io.residual.report;

import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.chart.Chart;
import io.residual.chart.Figure;
import io.residual.chart.FigureStyle;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes figures as {@code .svg} or {@code .pdf}; nothing appears under a name until it is whole.
 *
 * @param style width, font and colours
 * @param typeface a TrueType file to embed in PDF; null for Liberation Sans
 */
public record FigureFile(FigureStyle style, @Nullable Path typeface) {
    /** Endings of what can be written. */
    public static final List<String> FORMATS = List.of("svg", "pdf");

    /** In a plot's own size and the usual font and colours. */
    public static final FigureFile DEFAULT = new FigureFile(FigureStyle.DEFAULT, null);

    /**
     * The ending of a figure's file.
     *
     * @throws InputException if it is none that can be written
     */
    public static String format(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return FORMATS.stream()
                .filter(f -> name.endsWith("." + f))
                .findFirst()
                .orElseThrow(() -> InputException.at(
                        file, "another ending", "one of .svg, .pdf", "Give the figure a name that ends so"));
    }

    /**
     * Writes a chart in the format that the file's ending says.
     *
     * @param subject where the numbers come from, for the properties of a PDF
     * @return a sentence to pass on, such as on letters that the font lacks; empty for none
     */
    public String write(Path target, Chart chart, String subject) {
        Figure figure = chart.draw(style);
        if (format(target).equals("svg")) {
            AtomicFiles.writeString(target, figure.svg());
            return "";
        }
        boolean[] replaced = new boolean[1];
        AtomicFiles.write(target, file -> replaced[0] = PdfFigure.write(file, figure, typeface, subject));
        return replaced[0]
                ? target + ": the font lacks some letters, which are question marks there; give a font that has them"
                        + " with --figure-font"
                : "";
    }
}
