package io.residual.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.chart.BarChart;
import io.residual.chart.HeatMap;
import io.residual.chart.LineChart;
import io.residual.chart.TextTable;
import io.residual.fixtures.Recorded;
import java.io.StringReader;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

/** Every kind of chart, and the plain table: what is drawn is what was reviewed, and it is well-formed XML. */
class ChartsRecordedTest {
    private static void requireSame(String name, String svg) throws Exception {
        String root = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(svg)))
                .getDocumentElement()
                .getTagName();
        assertEquals("svg", root);
        Recorded.requireSame(name, svg);
    }

    @Test
    void lineChart() throws Exception {
        requireSame(
                "line-chart.svg",
                new LineChart("Accuracy & <few> heads", "heads kept", 100)
                        .line("S", new double[] {1, 4, 16}, new double[] {20, 55.5, 90})
                        .line("R", new double[] {1, 4, 16}, new double[] {10, Double.NaN, 60})
                        .line("whole model", new double[] {0, 16}, new double[] {95, 95})
                        .svg());
    }

    @Test
    void aMissingValue_leavesAGap() {
        double[] x = {0, 1, 2, 3, 4};
        double[] y = {.2, .4, Double.NaN, .6, .8};
        Matcher paths = Pattern.compile("<polyline[^>]* stroke-width=\"1.73\"") // .13 em: the line of a series
                .matcher(new LineChart("A", "x", 1).line("S", x, y).svg());
        assertEquals(2, paths.results().count(), "one before the gap and one behind it");
    }

    @Test
    void lineChart_ofNamedPlaces() throws Exception {
        requireSame(
                "line-chart-ticks.svg",
                new LineChart("Test accuracy", "labelled images a class", 1)
                        .ticks(List.of("1", "4", "all"))
                        .line("Base", new double[] {0, 1, 2}, new double[] {.5, .5, .5})
                        .line("ResiDual*", new double[] {0, 1, 2}, new double[] {.4, .625, .875})
                        .svg());
    }

    @Test
    void barChart() throws Exception {
        requireSame(
                "bar-chart.svg",
                new BarChart("Own & other classes", "accuracy", "before", "after")
                        .bar("cats", .25, .75)
                        .bar("<dogs>", 1, 0)
                        .svg());
    }

    @Test
    void heatMap() throws Exception {
        requireSame(
                "heat-map.svg",
                HeatMap.ofShares(
                                "Similarity",
                                "share",
                                List.of("L0.H0", "L0.H1"),
                                List.of("a & b", "c", "d"),
                                new double[][] {{0, .5, 1}, {.25, Double.NaN, .75}})
                        .svg());
    }

    @Test
    void table() {
        Recorded.requireSame(
                "table.txt",
                new TextTable()
                        .row("method", "test %", "")
                        .row("größer 猫", "7.0", "+1.0")
                        .row("Base", "12.5", "")
                        .toString());
    }
}
