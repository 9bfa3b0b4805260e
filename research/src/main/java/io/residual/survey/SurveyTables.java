package io.residual.survey;

import io.residual.heads.Ablation.Fill;
import io.residual.heads.HeadSelection;
import io.residual.heads.HeadSelection.Curve;
import io.residual.heads.HeadSelection.Score;
import io.residual.probing.RoleProbing;
import io.residual.report.HeadsReport;
import io.residual.spectrum.UnitGeometry;
import io.residual.survey.LayerStudy.Layer;
import io.residual.survey.Survey.Result;
import io.residual.survey.Survey.SetResult;
import io.residual.survey.Survey.Shift;
import io.residual.survey.WeightStudy.Unit;
import io.residual.units.UnitId;
import io.residual.zeroshot.Accuracy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** A survey as Markdown tables. */
final class SurveyTables {
    private final Result result;
    private final SurveyFigures figures;

    SurveyTables(SurveyFigures figures) {
        this.figures = figures;
        this.result = figures.result();
    }

    /** Every table. */
    String markdown() {
        StringBuilder text = new StringBuilder();
        layers(text, "Linear probe on the class token after each layer, test accuracy in %", Layer::probe);
        layers(text, "Nearest class mean, means of the same layer, test accuracy in %", Layer::means);
        layers(text, "Nearest class mean, means of the same layer of unit length, test accuracy in %", Layer::unit);
        layers(text, "The same about the mean of all training images, test accuracy in %", Layer::centred);
        layers(text, "Nearest class mean, means of the last layer (a lens), test accuracy in %", Layer::lens);
        undone(text);
        gains(text);
        shares(text);
        alike(text);
        geometry(text);
        roles(text);
        heads(text);
        layersRemoved(text);
        shifts(text);
        crossed(text);
        return text.toString();
    }

    private static void title(StringBuilder text, String title) {
        text.append(text.isEmpty() ? "" : "\n").append("## ").append(title).append("\n\n");
    }

    private static void row(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static void header(StringBuilder text, List<String> cells) {
        row(text, cells);
        text.append("| ---").append(" | ---:".repeat(cells.size() - 1)).append(" |\n");
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "–" : String.format(Locale.ROOT, "%.1f", 100 * share);
    }

    private static String number(String format, double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, format, value);
    }

    private void layers(StringBuilder text, String title, Function<Layer, Accuracy> of) {
        title(text, title);
        List<String> head = new ArrayList<>(List.of("data"));
        head.addAll(figures.depths());
        header(text, head);
        for (SetResult set : result.sets()) {
            List<String> cells = new ArrayList<>(List.of(set.label()));
            set.layers().forEach(l -> cells.add(percent(of.apply(l).value())));
            row(text, cells);
        }
        List<String> mean = new ArrayList<>(List.of("**mean**"));
        for (double value : figures.meanOf(of)) {
            mean.add(percent(value));
        }
        row(text, mean);
    }

    private static Layer best(SetResult set, Function<Layer, Accuracy> of) {
        Layer best = set.layers().get(0);
        for (Layer layer : set.layers()) {
            best = of.apply(layer).value() > of.apply(best).value() ? layer : best;
        }
        return best;
    }

    private static String at(Layer layer) {
        return layer.layer() < 0 ? "in" : "L" + layer.layer();
    }

    /** What the last layers lose, beside what methods reach. */
    private void undone(StringBuilder text) {
        title(text, "The last layer, the best layer, and what methods reach, test accuracy in %");
        List<String> methods = new ArrayList<>(result.sets().get(0).methods().keySet());
        List<String> head = new ArrayList<>(List.of(
                "data",
                "means, last",
                "means, best layer*",
                "unit means, last",
                "centred, last",
                "probe, last",
                "probe, best layer*"));
        head.addAll(methods);
        header(text, head);
        for (SetResult set : result.sets()) {
            Layer last = set.layers().get(set.layers().size() - 1);
            Layer means = best(set, Layer::means);
            Layer probe = best(set, Layer::probe);
            List<String> cells = new ArrayList<>(List.of(
                    set.label(),
                    percent(last.means().value()),
                    percent(means.means().value()) + " (" + at(means) + ")",
                    percent(last.unit().value()),
                    percent(last.centred().value()),
                    percent(last.probe().value()),
                    percent(probe.probe().value()) + " (" + at(probe) + ")"));
            for (String method : methods) {
                Accuracy a = set.methods().get(method);
                cells.add(a == null ? "–" : percent(a.value()));
            }
            row(text, cells);
        }
        text.append(
                "\n\\* The best layer is read off the test split: it says what there is to find, not what a user would get.\n");
    }

    private void gains(StringBuilder text) {
        for (String method : figures.weighted()) {
            title(text, "What " + method + " does to each layer: deviations from the mean, times");
            List<String> head = new ArrayList<>(List.of("data"));
            figures.depths().stream().skip(1).forEach(head::add);
            header(text, head);
            for (UnitId.Kind kind : List.of(UnitId.Kind.HEAD, UnitId.Kind.MLP)) {
                String name = kind == UnitId.Kind.HEAD ? "heads" : "MLPs";
                for (SetResult set : result.sets()) {
                    List<Unit> units = set.weights().getOrDefault(method, List.of());
                    List<String> cells = new ArrayList<>(List.of(set.label() + ", " + name));
                    IntStream.range(0, figures.shape().layers())
                            .forEach(l -> cells.add(number("%.2f", SurveyFigures.gain(units, kind, l))));
                    if (units.stream().anyMatch(u -> u.unit().kind() == kind)) {
                        row(text, cells);
                    }
                }
                if (!Double.isNaN(figures.gain(method, kind, figures.shape().layers() - 1))) {
                    List<String> mean = new ArrayList<>(List.of("**geometric mean, " + name + "**"));
                    IntStream.range(0, figures.shape().layers())
                            .forEach(l -> mean.add(number("%.2f", figures.gain(method, kind, l))));
                    row(text, mean);
                }
            }
        }
    }

    private void shares(StringBuilder text) {
        title(text, "Each layer's share of the summed variance of the adapted units, in %, mean over data sets");
        List<String> head = new ArrayList<>(List.of("method"));
        figures.depths().stream().skip(1).forEach(head::add);
        header(text, head);
        for (String method : figures.weighted()) {
            for (boolean after : new boolean[] {false, true}) {
                List<String> cells = new ArrayList<>(List.of(method + (after ? ", after" : ", before")));
                IntStream.range(0, figures.shape().layers())
                        .forEach(l -> cells.add(percent(figures.share(method, l, after))));
                row(text, cells);
            }
        }
    }

    private void alike(StringBuilder text) {
        for (String method : figures.weighted()) {
            title(text, "Do data sets amplify the same units? Correlation of the units' log gains, " + method);
            List<String> head = new ArrayList<>(List.of("data"));
            result.sets().forEach(s -> head.add(s.label()));
            header(text, head);
            double[][] all = figures.correlations(method);
            for (int i = 0; i < all.length; i++) {
                List<String> cells =
                        new ArrayList<>(List.of(result.sets().get(i).label()));
                for (double value : all[i]) {
                    cells.add(number("%.2f", value));
                }
                row(text, cells);
            }
        }
    }

    private void geometry(StringBuilder text) {
        title(text, "Dimensions by layer, mean over data sets (test images)");
        List<String> head = new ArrayList<>(List.of(
                "layer",
                "heads, to 99 %",
                "heads, participation ratio",
                "heads, TwoNN",
                "heads, first component %",
                "MLPs, to 99 %",
                "MLPs, participation ratio",
                "MLPs, TwoNN",
                "MLPs, first component %"));
        boolean control = !result.roles().controlGeometry().isEmpty();
        if (control) {
            head.addAll(List.of("control: heads, to 99 %", "control: MLPs, to 99 %"));
        }
        header(text, head);
        for (int l = 0; l < figures.shape().layers(); l++) {
            List<String> cells = new ArrayList<>(List.of("L" + l));
            for (UnitId.Kind kind : List.of(UnitId.Kind.HEAD, UnitId.Kind.MLP)) {
                cells.add(number("%.1f", figures.mean(kind, l, UnitGeometry::kept99)));
                cells.add(number("%.1f", figures.mean(kind, l, UnitGeometry::participationRatio)));
                cells.add(number("%.1f", figures.mean(kind, l, UnitGeometry::twoNn)));
                cells.add(percent(figures.mean(kind, l, UnitGeometry::firstShare)));
            }
            if (control) {
                List<List<UnitGeometry>> untrained = result.roles().controlGeometry();
                cells.add(number("%.1f", SurveyFigures.mean(untrained, UnitId.Kind.HEAD, l, UnitGeometry::kept99)));
                cells.add(number("%.1f", SurveyFigures.mean(untrained, UnitId.Kind.MLP, l, UnitGeometry::kept99)));
            }
            row(text, cells);
        }
    }

    private void roles(StringBuilder text) {
        Survey.Roles roles = result.roles();
        title(text, "Spectral similarity of heads between data sets, mean over pairs");
        List<String> head = new ArrayList<>(List.of("layer", "itself", "another head"));
        RoleProbing.Result some = roles.some();
        RoleProbing.Result control = roles.control();
        if (some != null && control != null) {
            String few = result.controlImages() + " images";
            head.addAll(List.of(
                    "itself, " + few, "another, " + few, "control: itself, " + few, "control: another, " + few));
        }
        header(text, head);
        for (int l = 0; l < figures.shape().layers(); l++) {
            List<String> cells = new ArrayList<>(List.of("L" + l));
            for (RoleProbing.Result each : Arrays.asList(roles.all(), some, control)) {
                if (each != null) {
                    cells.add(number("%.3f", each.same()[l]));
                    cells.add(number("%.3f", each.other()[l]));
                }
            }
            row(text, cells);
        }
        text.append(String.format(
                Locale.ROOT,
                "%nMost alike to itself among the heads of its layer: %s %% of cases%s (chance %.1f %%)%n",
                percent(roles.all().recognised()),
                some == null || control == null
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "; on %d images %s %%; the control %s %%",
                                result.controlImages(),
                                percent(some.recognised()),
                                percent(control.recognised())),
                100.0 / figures.shape().heads()));
    }

    private static Curve curve(HeadSelection.Result heads, Score score, Fill fill) {
        return heads.curves().stream()
                .filter(c -> c.score() == score && c.fill() == fill)
                .findFirst()
                .orElseThrow();
    }

    private void heads(StringBuilder text) {
        for (Fill fill : Fill.values()) {
            title(
                    text,
                    "Few heads, the rest " + (fill == Fill.ZERO ? "zero" : "mean")
                            + ", test accuracy in % (heads kept, chosen on validation)");
            header(text, List.of("data", "whole model", "all heads", "S", "U", "U\\|T", "R, a quarter of the heads"));
            for (SetResult set : result.sets()) {
                List<String> cells = new ArrayList<>(List.of(
                        set.label(),
                        percent(set.heads().full().value()),
                        percent(set.heads().headsOnly(fill).value())));
                for (Score score : List.of(Score.SUPERVISED, Score.UNSUPERVISED, Score.TASK)) {
                    HeadSelection.Point best = curve(set.heads(), score, fill).best();
                    cells.add(percent(best.testMean()) + " (" + best.kept() + ")");
                }
                List<HeadSelection.Point> random =
                        curve(set.heads(), Score.RANDOM, fill).points();
                int quarter = HeadSelection.SHARES.size() - HeadSelection.SHARES.indexOf(.25);
                cells.add(percent(random.get(random.size() - quarter).testMean()));
                row(text, cells);
            }
        }
        Map<String, HeadSelection.Result> all = figures.selections();
        text.append("\n```\n")
                .append(HeadsReport.overlap(all, figures.shape().allHeads()))
                .append("```\n");
    }

    private void layersRemoved(StringBuilder text) {
        title(
                text,
                "Test accuracy in % without a layer's units (their means in their place), class means of the whole model");
        List<String> head = new ArrayList<>(List.of("data"));
        figures.depths().stream().skip(1).forEach(head::add);
        header(text, head);
        for (SetResult set : result.sets()) {
            for (HeadSelection.Layers layers : set.heads().layers()) {
                if (layers.fill() == Fill.MEAN && !layers.cumulative()) {
                    List<String> cells = new ArrayList<>(List.of(set.label() + ", " + layers.removed()));
                    layers.test().forEach(a -> cells.add(percent(a.value())));
                    row(text, cells);
                }
            }
        }
    }

    private void shifts(StringBuilder text) {
        if (result.shifts().isEmpty()) {
            return;
        }
        title(text, "Fitted on one data set, tested on another with the same classes, test accuracy in %");
        header(text, List.of("from → to", "method", "accuracy", "95 % interval", "the other set's own fit"));
        for (Shift s : result.shifts()) {
            Accuracy own = s.own();
            row(
                    text,
                    List.of(
                            s.from() + " → " + s.to(),
                            s.method(),
                            percent(s.accuracy().value()),
                            percent(s.accuracy().low()) + " – "
                                    + percent(s.accuracy().high()),
                            own == null ? "–" : percent(own.value())));
        }
    }

    private void crossed(StringBuilder text) {
        if (result.crossed().isEmpty()) {
            return;
        }
        title(text, "Two labellings of the same images, on images that no fit saw, answers in %");
        header(text, List.of("fitted for", "method", "images", "its own label", "95 % interval", "the other label"));
        for (Survey.Crossed c : result.crossed()) {
            row(
                    text,
                    List.of(
                            c.fitted(),
                            c.method(),
                            String.valueOf(c.own().of()),
                            percent(c.own().value()),
                            percent(c.own().low()) + " – " + percent(c.own().high()),
                            percent(c.others().value())));
        }
    }
}
