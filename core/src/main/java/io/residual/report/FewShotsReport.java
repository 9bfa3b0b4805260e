package io.residual.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.alignment.Method;
import io.residual.base.Printable;
import io.residual.evaluation.FewShots;
import io.residual.evaluation.FewShots.Shot;
import io.residual.evaluation.Recommendation;
import io.residual.evaluation.Recommendation.Mean;
import io.residual.evaluation.Recommendation.Overfitted;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What methods reach with few labels: a table, a plain recommendation for every number of images, curves, JSON. */
public final class FewShotsReport {
    private FewShotsReport() {}

    /** Methods × images a class: mean test accuracy with its interval over draws; then the recommendations. */
    public static String text(String dataset, List<Shot> fits) {
        List<Integer> counts = counts(fits);
        List<String> header = new ArrayList<>(List.of("images a class"));
        counts.forEach(c -> header.add(name(c)));
        TextTable table = new TextTable().row(header.toArray(new String[0]));
        Recommendation.byMethod(fits).forEach((method, its) -> {
            List<String> row = new ArrayList<>(List.of(method.label()));
            counts.forEach(c -> row.add(percent(mean(its, c))));
            table.row(row.toArray(new String[0]));
        });
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%s: test accuracy in %%, mean over %d draws ± half of its 95 %% interval%n%s%n",
                Printable.line(dataset),
                fits.stream().mapToLong(Shot::seed).max().orElse(0) + 1,
                table));
        Recommendation.of(fits).forEach(r -> text.append(sentence(r)).append('\n'));
        return text.toString();
    }

    /** Such as "With 8 images a class: ResiDual*, 84.1 ± 1.2; Linear Aligner has learned its images by heart". */
    public static String sentence(Recommendation r) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "With %s: %s, %s %% on the test",
                r.shots() == FewShots.ALL
                        ? "all images"
                        : r.shots() == 1 ? "1 image a class" : r.shots() + " images a class",
                r.method() == Method.BASE
                        ? "stay with the model as it is (Base)"
                        : r.method().label(),
                percent(r.test())));
        for (Overfitted o : r.overfitted()) {
            text.append(String.format(
                    Locale.ROOT,
                    "; %s overfits (%.0f %% of its own images, %.0f %% of others)",
                    o.method().label(),
                    100 * o.trained(),
                    100 * o.judged()));
        }
        return text.append('.').toString();
    }

    /** The curves as an SVG: test accuracy over images a class. */
    public static String svg(String dataset, List<Shot> fits) {
        List<Integer> counts = counts(fits);
        LineChart chart = new LineChart("Test accuracy on " + dataset, "labelled images a class", 1)
                .ticks(counts.stream().map(FewShotsReport::name).toList());
        Recommendation.byMethod(fits).forEach((method, its) -> {
            double[] x = new double[counts.size()];
            double[] y = new double[counts.size()];
            for (int i = 0; i < x.length; i++) {
                x[i] = i;
                y[i] = mean(its, counts.get(i)).value();
            }
            chart.line(method.label(), x, y);
        });
        return chart.svg();
    }

    /** Every fit and every recommendation. */
    public static String json(Map<String, List<Shot>> byDataset) {
        ObjectMapper mapper = new ObjectMapper();
        ArrayNode all = mapper.createArrayNode();
        byDataset.forEach((dataset, fits) -> {
            ObjectNode node = all.addObject().put("dataset", dataset);
            ArrayNode each = node.putArray("fits");
            for (Shot fit : fits) {
                ObjectNode one = each.addObject()
                        .put("method", fit.method().id())
                        .put("shots", name(fit.shots()))
                        .put("seed", fit.seed())
                        .put("parameters", fit.parameters())
                        .put("train_accuracy", fit.trainAccuracy())
                        .put("judged_accuracy", fit.judged())
                        .put("test_accuracy", fit.test().value())
                        .put("seconds", fit.seconds());
                one.putArray("test_interval_95")
                        .add(fit.test().low())
                        .add(fit.test().high());
            }
            ArrayNode recommended = node.putArray("recommendations");
            for (Recommendation r : Recommendation.of(fits)) {
                ObjectNode one = recommended
                        .addObject()
                        .put("shots", name(r.shots()))
                        .put("method", r.method().id())
                        .put("judged_accuracy", r.judged().value())
                        .put("test_accuracy", r.test().value());
                JsonNumbers.put(one, "test_half_interval", r.test().half());
                one.put("sentence", sentence(r));
            }
        });
        return all.toPrettyString();
    }

    private static List<Integer> counts(List<Shot> fits) {
        return fits.stream().map(Shot::shots).distinct().toList();
    }

    private static Mean mean(List<Shot> fits, int count) {
        return Recommendation.test(fits.stream().filter(s -> s.shots() == count).toList());
    }

    private static String name(int count) {
        return count == FewShots.ALL ? "all" : String.valueOf(count);
    }

    private static String percent(Mean mean) {
        String value = String.format(Locale.ROOT, "%.1f", 100 * mean.value());
        return Double.isNaN(mean.half()) ? value : value + String.format(Locale.ROOT, " ± %.1f", 100 * mean.half());
    }
}
