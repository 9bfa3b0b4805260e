package io.residual.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Method;
import io.residual.base.Json;
import io.residual.base.Printable;
import io.residual.base.Schema;
import io.residual.chart.TextTable;
import io.residual.experiment.FewShots;
import io.residual.experiment.FewShots.Shot;
import io.residual.experiment.Recommendation;
import io.residual.experiment.Recommendation.Gain;
import io.residual.experiment.Recommendation.Mean;
import io.residual.experiment.Recommendation.Overfitted;
import io.residual.experiment.Recommendation.Twice;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Few-label results: a table, a recommendation for every number of images, learning curves, JSON. */
public final class FewShotsReport {
    /** Methods that overfit are named one by one up to this number. */
    private static final int NAMED = 4;

    private FewShotsReport() {}

    /** Methods × images per class: mean test accuracy with its interval over draws; then the recommendations. */
    public static String text(String dataset, List<Shot> fits) {
        List<Integer> counts = counts(fits);
        List<String> header = new ArrayList<>(List.of("images per class"));
        counts.forEach(c -> header.add(name(c)));
        TextTable table = new TextTable().row(header.toArray(new String[0]));
        boolean[] interval = new boolean[1];
        Recommendation.byMethod(fits).forEach((method, its) -> {
            List<String> row = new ArrayList<>(List.of(method.label()));
            for (int c : counts) {
                Mean mean = mean(its, c);
                interval[0] |= mean.hasInterval();
                row.add(percent(mean));
            }
            table.row(row.toArray(new String[0]));
        });
        long draws = fits.stream().mapToLong(Shot::seed).max().orElse(0) + 1;
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%s: test accuracy in %%%s%s%n%s%n",
                Printable.line(dataset),
                draws == 1 ? "" : ", mean over " + draws + " draws",
                interval[0] ? " ± half of its 95 % interval" : "",
                table));
        Recommendation.of(fits).forEach(r -> text.append(sentence(r)).append('\n'));
        missing(fits, text);
        long atAnEnd = fits.stream().filter(s -> s.note() != null).count();
        if (atAnEnd > 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "Note: in %d of %d fits validation was best at the strongest or weakest penalty strength that was"
                            + " tried; more validation images would separate the strengths%n",
                    atAnEnd,
                    fits.size()));
        }
        return text.toString();
    }

    /**
     * Such as "With 8 images per class: ResiDual*, held-out validation accuracy 84.1 ± 1.2 % (Base 71.0 %, gain +13.1 ± 2.0). Twice as
     * many labels bring +1.9 ± 1.1 points. Overfits (training against held-out accuracy): Linear Aligner 93 % against 71 %." Held-out accuracies are of validation images.
     */
    public static String sentence(Recommendation r) {
        String with = r.shots() == FewShots.ALL
                ? "all images"
                : r.shots() == 1 ? "1 image per class" : r.shots() + " images per class";
        Mean base = r.base();
        StringBuilder text = new StringBuilder("With " + with + ": ");
        text.append(
                r.method() == Method.BASE
                        ? "no method is better than Base (the unadapted model)"
                        : r.method().label());
        text.append(", held-out validation accuracy ")
                .append(percent(r.heldOut()))
                .append(" %");
        if (base != null && r.method() != Method.BASE) {
            text.append(" (Base ").append(percent(base)).append(" %");
            if (r.gain() != null) {
                text.append(", gain ").append(points(r.gain()));
            }
            text.append(')');
        }
        if (r.atChance()) {
            text.append(String.format(
                    Locale.ROOT,
                    ", not distinguishable from chance (%.1f %% for %.0f classes)",
                    100 * r.chance(),
                    1 / r.chance()));
        }
        text.append('.').append(twice(r.twice()));
        if (!r.overfitted().isEmpty()) {
            text.append(' ').append(overfits(r.overfitted())).append('.');
        }
        return text.toString();
    }

    /** A note on numbers that some class cannot give. */
    private static void missing(List<Shot> fits, StringBuilder text) {
        for (int count : counts(fits)) {
            Shot first =
                    fits.stream().filter(s -> s.shots() == count).findFirst().orElseThrow();
            long wanted = (long) count * first.heldOut().classes();
            if (count != FewShots.ALL && first.trainImages() < wanted) {
                text.append(String.format(
                        Locale.ROOT,
                        "Note: with %d images per class there were %d training images, not %d: some classes have fewer"
                                + " and gave all; add images of these%n",
                        count,
                        first.trainImages(),
                        wanted));
            }
        }
    }

    /** Each method that overfits with its figures, or of many methods their number and range. */
    private static String overfits(List<Overfitted> all) {
        if (all.size() <= NAMED) {
            return "Overfits (training against held-out accuracy): "
                    + all.stream()
                            .map(o -> String.format(
                                    Locale.ROOT,
                                    "%s %.0f %% against %.0f %%",
                                    o.method().label(),
                                    100 * o.trained(),
                                    100 * o.heldOut()))
                            .collect(Collectors.joining(", "));
        }
        DoubleSummaryStatistics trained =
                all.stream().mapToDouble(Overfitted::trained).summaryStatistics();
        DoubleSummaryStatistics heldOut =
                all.stream().mapToDouble(Overfitted::heldOut).summaryStatistics();
        return String.format(
                Locale.ROOT,
                "%d methods overfit (training accuracy %s %%, held-out accuracy %s %%)",
                all.size(),
                range(trained),
                range(heldOut));
    }

    private static String range(DoubleSummaryStatistics of) {
        return String.format(Locale.ROOT, "%.0f to %.0f", 100 * of.getMin(), 100 * of.getMax());
    }

    /** What twice as many labels bring, and whether that is worth them; empty where it cannot be said. */
    private static String twice(@Nullable Twice twice) {
        if (twice == null) {
            return "";
        }
        String points = points(twice.gain());
        String text = twice.measured()
                ? " Twice as many labels bring " + points + " points"
                : " As the last doubling, twice as many labels would bring about " + points + " points";
        if (twice.stop()) {
            return text + ": labelling may stop here.";
        }
        return text + (twice.gain().mayBeNone() ? ", not distinguishable from none." : ".");
    }

    private static String points(Gain gain) {
        String value = String.format(Locale.ROOT, "%+.1f", 100 * gain.value());
        return Double.isFinite(gain.half()) ? value + String.format(Locale.ROOT, " ± %.1f", 100 * gain.half()) : value;
    }

    /** Every fit and every recommendation, as text. */
    public static String json(Map<String, List<Shot>> byDataset) {
        return Json.pretty(document(byDataset));
    }

    /** Every fit and every recommendation. */
    public static ObjectNode document(Map<String, List<Shot>> byDataset) {
        ObjectNode root = Schema.FEW_SHOTS.document();
        ArrayNode all = root.putArray("datasets");
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
                        .put("held_out_accuracy", fit.heldOut().accuracy().value())
                        .put("test_accuracy", fit.test().value())
                        .put("seconds", fit.seconds());
                if (fit.note() != null) {
                    one.put("note", fit.note());
                }
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
                        .put("held_out_accuracy", r.heldOut().value())
                        .put("at_chance", r.atChance())
                        .put("test_accuracy", r.test().value());
                one.put("test_half_interval", r.test().hasInterval() ? r.test().half() : Double.NaN);
                if (r.gain() != null) {
                    one.put("gain", r.gain().value())
                            .put("gain_half_interval", r.gain().half());
                }
                if (r.twice() != null) {
                    one.put("twice_gain", r.twice().gain().value())
                            .put("twice_half_interval", r.twice().gain().half())
                            .put("twice_measured", r.twice().measured())
                            .put("stop", r.twice().stop());
                }
                ArrayNode overfitted = one.putArray("overfitted");
                for (Overfitted o : r.overfitted()) {
                    overfitted
                            .addObject()
                            .put("method", o.method().id())
                            .put("train_accuracy", o.trained())
                            .put("held_out_accuracy", o.heldOut());
                }
                one.put("sentence", sentence(r));
            }
        });
        return root;
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
        return mean.hasInterval() ? value + String.format(Locale.ROOT, " ± %.1f", 100 * mean.half()) : value;
    }
}
