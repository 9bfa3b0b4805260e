package io.residual.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.chart.BarChart;
import io.residual.chart.Chart;
import io.residual.chart.DotChart;
import io.residual.chart.DotChart.Dot;
import io.residual.chart.FigureStyle;
import io.residual.chart.HeatMap;
import io.residual.chart.LineChart;
import io.residual.chart.Palette;
import io.residual.chart.ReliabilityChart;
import io.residual.chart.ReliabilityChart.Bin;
import io.residual.chart.SpectrumChart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.text.PDFTextStripper;
import org.apache.pdfbox.text.TextPosition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Figures as PDF say what they say as SVG, on a page of the width asked for, with their font embedded. */
class FigureFileTest {
    @TempDir
    Path folder;

    private static final double[] NONE = {Double.NaN, Double.NaN, Double.NaN};

    private static List<Chart> charts() {
        return List.of(
                new LineChart("Accuracy of λ", "heads kept", 100)
                        .yLabel("accuracy in %")
                        .line(
                                "S",
                                new double[] {1, 2, 3},
                                new double[] {20, 55, 90},
                                new double[] {15, 50, 85},
                                new double[] {25, 60, 95})
                        .line("whole", new double[] {1, 2, 3}, new double[] {95, 95, 95}, NONE, NONE),
                new BarChart("Why", "logits", "with", "without").bar("L0.H0", 1.5, -.5),
                new DotChart("Test accuracy", "accuracy in %")
                        .panel(new DotChart.Panel("größer", 20, List.of(new Dot("Base", 20, 15, 26)))),
                HeatMap.ofShares("Similarity", "share", List.of("L0.H0"), List.of("a"), new double[][] {{.5}}),
                new ReliabilityChart("Reliability", List.of(new Bin(.5, .6, .4, .8, 10))),
                new SpectrumChart("Spectrum", List.of(0, 1, 2), List.of(.6, .4, 0.0), List.of(1.5, .5, 300.0)));
    }

    @Test
    void pdf_saysWhatSvgSays_onAPageOfTheWidthAskedFor_withItsFont() throws Exception {
        FigureStyle style =
                new FigureStyle(85 * FigureStyle.MILLIMETRE, 8 * FigureStyle.POINT, "sans-serif", Palette.GREY);
        for (Chart chart : charts()) {
            Path pdf = folder.resolve("figure.pdf");
            assertEquals("", new FigureFile(style, null).write(pdf, chart, "residual/test"));
            String svg = chart.draw(style).svg();
            try (PDDocument document = Loader.loadPDF(pdf.toFile())) {
                PDRectangle page = document.getPage(0).getMediaBox();
                // 85 mm in points, and the page as tall as the SVG's picture
                assertEquals(85 / 25.4 * 72, page.getWidth(), .01);
                assertEquals(.75 * chart.draw(style).height(), page.getHeight(), .01);
                String text = new PDFTextStripper().getText(document).replaceAll("\\s+", "");
                Matcher words = Pattern.compile("<text[^>]*>([^<]+)</text>").matcher(svg);
                int compared = 0;
                while (words.find()) {
                    if (!words.group().contains("rotate")) { // upright text is taken apart by the reader
                        String word = words.group(1).replaceAll("\\s+", "");
                        assertTrue(text.contains(word), word + " in " + text);
                        compared++;
                    }
                }
                assertTrue(compared > 3, svg);
                for (COSName font : document.getPage(0).getResources().getFontNames()) {
                    assertTrue(document.getPage(0).getResources().getFont(font).isEmbedded());
                }
                assertEquals("residual/test", document.getDocumentInformation().getSubject());
            }
        }
    }

    /** In a narrow figure an axis's title is smaller, or cut, and does not leave the figure; widths by Liberation Sans. */
    @Test
    void longAxisTitles_stayInANarrowFigure() throws Exception {
        FigureStyle style =
                new FigureStyle(85 * FigureStyle.MILLIMETRE, 10 * FigureStyle.POINT, "sans-serif", Palette.GREY);
        String label = "change of the right class's logit less the others' mean, over images of the validation split";
        Path pdf = folder.resolve("narrow.pdf");
        new FigureFile(style, null)
                .write(pdf, new LineChart("Narrow", label, 1).line("a", new double[] {0, 1}, new double[] {0, 1}), "");
        try (PDDocument document = Loader.loadPDF(pdf.toFile())) {
            float width = document.getPage(0).getMediaBox().getWidth();
            float[] ends = {Float.MAX_VALUE, 0};
            PDFTextStripper places = new PDFTextStripper() {
                @Override
                protected void writeString(String text, List<TextPosition> positions) {
                    for (TextPosition p : positions) {
                        ends[0] = Math.min(ends[0], p.getXDirAdj());
                        ends[1] = Math.max(ends[1], p.getXDirAdj() + p.getWidthDirAdj());
                    }
                }
            };
            places.getText(document);
            assertTrue(ends[0] >= 0 && ends[1] <= width, ends[0] + " to " + ends[1] + " of " + width);
        }
    }

    @Test
    void namesOfFiles_holdNoPath() {
        assertEquals("clothing", Figures.stem("../shared/data/real/clothing/"));
        assertEquals("photos", Figures.stem("C:\\data\\photos"));
        assertEquals("ResiDual-star", Figures.stem("ResiDual*"));
    }

    @Test
    void aSignedGridWithoutADifference_hasNoScale() {
        double nan = Double.NaN;
        for (double[] row : List.of(new double[] {nan, nan}, new double[] {0, nan})) {
            String svg = HeatMap.ofSigned(
                            "Ablated",
                            "points",
                            List.of("L0"),
                            List.of("H0", "H1"),
                            List.of(new HeatMap.Panel("", new double[][] {row})))
                    .svg();
            assertTrue(svg.contains(">none differs from zero<") && !svg.contains(">−1"), svg);
        }
    }

    @Test
    void letterThatTheFontLacks_isAQuestionMark_andSaid() throws Exception {
        Path pdf = folder.resolve("cat.pdf");
        String note = FigureFile.DEFAULT.write(pdf, new BarChart("猫", "logits", "a", "b").bar("x", 1, 2), "");
        assertTrue(note.contains("question marks"), note);
        try (PDDocument document = Loader.loadPDF(pdf.toFile())) {
            assertTrue(new PDFTextStripper().getText(document).contains("?"));
        }
    }

    @Test
    void otherEndings_andFilesThatAreNoFonts_areRefused() throws Exception {
        Chart chart = charts().get(0);
        assertThrows(InputException.class, () -> FigureFile.DEFAULT.write(folder.resolve("a.png"), chart, ""));
        Path font = Files.writeString(folder.resolve("not.ttf"), "no font");
        FigureFile file = new FigureFile(FigureStyle.DEFAULT, font);
        assertThrows(InputException.class, () -> file.write(folder.resolve("a.pdf"), chart, ""));
        assertFalse(Files.exists(folder.resolve("a.pdf")));
    }

    /** Ticks of whole things are whole, however few there are. */
    @Test
    void ticksOfWholeNumbers_areWhole() {
        String svg = new LineChart("t", "heads", 1)
                .line("a", new double[] {1, 36}, new double[] {0, 1})
                .svg();
        Matcher ticks = Pattern.compile("text-anchor=\"middle\">([^<]+)<").matcher(svg);
        int found = 0;
        while (ticks.find()) {
            if (ticks.group(1).matches("[0-9.]+")) {
                assertTrue(ticks.group(1).matches("\\d+"), ticks.group(1));
                found++;
            }
        }
        assertTrue(found >= 3, svg);
        String few = new LineChart("t", "layer", 1)
                .line("a", new double[] {0, 2}, new double[] {0, 1})
                .svg();
        assertFalse(few.contains(">0.5</text>\n<line x1=\"") && few.contains("text-anchor=\"middle\">0.5"), few);
    }
}
