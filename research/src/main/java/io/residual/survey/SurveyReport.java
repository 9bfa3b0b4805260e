package io.residual.survey;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.chart.Chart;
import io.residual.survey.Survey.Result;
import java.util.Map;

/** A survey as Markdown tables, JSON and SVG. Layers count from 0; the stream before the first is called "in". */
public final class SurveyReport {
    private final SurveyFigures figures;

    /** The report of a survey. */
    public SurveyReport(Result result) {
        this.figures = new SurveyFigures(result);
    }

    /** Every table. */
    public String markdown() {
        return new SurveyTables(figures).markdown();
    }

    /** Everything for programs. */
    public ObjectNode json() {
        return SurveyJson.of(figures);
    }

    /** Charts by file name. */
    public Map<String, Chart> charts() {
        return new SurveyCharts(figures).charts();
    }
}
