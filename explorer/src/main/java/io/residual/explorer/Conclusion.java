package io.residual.explorer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.AdapterFile;
import io.residual.base.Json;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.PairedDifference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** What a report says in a sentence, and how sure that is. */
final class Conclusion {
    private Conclusion() {}

    /**
     * The conclusion about a model or an adapter on validation images, and about results on test splits.
     *
     * @param adapter the adapter that is explained; null without one
     * @param results comparisons of methods, as {@code residual evaluate} prints them
     */
    static ObjectNode json(
            Verdicts verdicts, int classes, ReportSource.@Nullable Named adapter, List<JsonNode> results) {
        List<String> sentences = new ArrayList<>();
        ObjectNode node = Json.object();
        if (adapter == null) {
            sentences.add(plain(verdicts.accuracyAfter(), classes));
        } else {
            PairedDifference change = new PairedDifference(
                    verdicts.corrected().size(),
                    verdicts.broken().size(),
                    verdicts.labels().size());
            node.put("corrected", change.gained())
                    .put("broken", change.lost())
                    .put("images", change.images())
                    .put("p", change.p());
            adapted(verdicts, change, classes, adapter, sentences);
        }
        results.forEach(result -> compared(result, sentences));
        if (results.size() > 1) {
            sentences.add(0, together(results));
        }
        node.set("sentences", Json.of(sentences));
        return node;
    }

    private static String plain(Accuracy accuracy, int classes) {
        return String.format(
                Locale.ROOT,
                "The unadapted model is right on %,d of %,d validation images: %s%s.",
                accuracy.right(),
                accuracy.of(),
                interval(accuracy),
                chance(accuracy, classes));
    }

    /** The test split's accuracy first, where there is one; that of the validation images is a sentence of its own. */
    private static void adapted(
            Verdicts verdicts,
            PairedDifference change,
            int classes,
            ReportSource.Named adapter,
            List<String> sentences) {
        AdapterFile.Info info = adapter.file().info();
        String method = adapter.file().adapter().method().label();
        if (adapter.elsewhere()) {
            sentences.add("On these images (the adapter was fitted on "
                    + info.data().source() + ") "
                    + compared(method, "validation", verdicts.accuracyAfter(), verdicts.accuracyBefore(), change)
                    + chance(verdicts.accuracyAfter(), classes) + ".");
            ownTest(method, info, classes)
                    .forEach(s -> sentences.add("On " + info.data().source() + ", its own data: " + s));
            info.notes().forEach(warning -> sentences.add("Note: " + warning + "."));
            return;
        }
        sentences.addAll(ownTest(method, info, classes));
        boolean known = !sentences.isEmpty();
        String here = compared(method, "validation", verdicts.accuracyAfter(), verdicts.accuracyBefore(), change);
        sentences.add((known ? "The pages show the validation images: there " + here : here)
                + chance(verdicts.accuracyAfter(), classes)
                + ". These also chose the adapter's settings, so this figure is optimistic"
                + (known
                        ? "."
                        : "; the adapter is untested, and residual evaluate --adapter measures it on the test split."));
        info.notes().forEach(warning -> sentences.add("Note: " + warning + "."));
    }

    /** What the test split of an adapter's own data said of it; nothing where it is untested. */
    private static List<String> ownTest(String method, AdapterFile.Info info, int classes) {
        List<String> sentences = new ArrayList<>();
        AdapterFile.Tested tested = info.tested();
        Accuracy base = tested == null ? null : tested.base();
        PairedDifference gain = tested == null ? null : tested.overBase();
        if (tested != null && base != null && gain != null) {
            sentences.add(compared(method, "test", tested.accuracy(), base, gain) + chance(tested.accuracy(), classes)
                    + ". No choice was made on these images.");
        } else if (tested != null) {
            sentences.add(String.format(
                    Locale.ROOT,
                    "%s is right on %s of %,d test images%s. No choice was made on these images.",
                    method,
                    interval(tested.accuracy()),
                    tested.accuracy().of(),
                    chance(tested.accuracy(), classes)));
        } else if (info.testAccuracy() != null) {
            sentences.add(method + " reaches " + percent(info.testAccuracy())
                    + " on the test split. Its file does not say of how many images; fit again for an interval.");
        }
        return sentences;
    }

    /** Two accuracies on the same images, and whether they can be told apart. */
    private static String compared(
            String method, String split, Accuracy after, Accuracy before, PairedDifference change) {
        String what = String.format(
                Locale.ROOT,
                "%s is right on %s of %,d %s images, the unadapted model on %s",
                method,
                percent(after.value()),
                change.images(),
                split,
                percent(before.value()));
        return what
                + (change.told()
                        ? String.format(
                                Locale.ROOT,
                                ": %+.1f points, 95 %% interval %+.1f to %+.1f, %s",
                                100 * change.value(),
                                100 * change.low(),
                                100 * change.high(),
                                change.p() < .001 ? "p < 0.001" : String.format(Locale.ROOT, "p = %.3f", change.p()))
                        : String.format(
                                Locale.ROOT, ". The difference cannot be told from zero (p = %.2f)", change.p()));
    }

    private static String chance(Accuracy accuracy, int classes) {
        return accuracy.low() > 1.0 / classes
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; this cannot be told from chance (%s for %,d classes)",
                        percent(1.0 / classes),
                        classes);
    }

    /** The method that validation chooses, on the test, and those that cannot be told from it. */
    private static void compared(JsonNode result, List<String> sentences) {
        List<JsonNode> methods = methods(result);
        JsonNode best = best(methods);
        if (best == null) {
            return;
        }
        List<String> equals = methods.stream()
                .filter(m -> !m.equals(best) && overlaps(m, best))
                .map(m -> m.path("label").asText())
                .toList();
        JsonNode base = base(methods);
        sentences.add(String.format(
                Locale.ROOT,
                "%s: validation chooses %s; on the test split it reaches %s (95 %% interval %s – %s)%s. %s",
                result.path("dataset").asText(),
                best.path("label").asText(),
                percent(best.path("test_accuracy").asDouble()),
                number(best.path("test_interval_95").path(0).asDouble()),
                number(best.path("test_interval_95").path(1).asDouble()),
                base == null || base.equals(best)
                        ? ""
                        : ", Base " + percent(base.path("test_accuracy").asDouble()),
                equals.isEmpty()
                        ? "Its interval overlaps with no other method's."
                        : "Not clearly different (intervals overlap): " + String.join(", ", equals) + "."));
    }

    private static String together(List<JsonNode> results) {
        long better = results.stream()
                .filter(r -> {
                    List<JsonNode> methods = methods(r);
                    JsonNode best = best(methods);
                    JsonNode base = base(methods);
                    return best != null
                            && base != null
                            && !base.equals(best)
                            && best.path("test_accuracy").asDouble()
                                    > base.path("test_accuracy").asDouble()
                            && !overlaps(best, base);
                })
                .count();
        return String.format(
                Locale.ROOT,
                "On %d of %d test splits the method that validation chooses is clearly better than Base (the unadapted"
                        + " model): the 95 %% intervals do not overlap.",
                better,
                results.size());
    }

    private static List<JsonNode> methods(JsonNode result) {
        return StreamSupport.stream(result.path("methods").spliterator(), false)
                .filter(m -> m.path("test_interval_95").size() == 2)
                .toList();
    }

    /** The one with the highest validation accuracy, of equals the one with the fewest parameters. */
    private static @Nullable JsonNode best(List<JsonNode> methods) {
        return methods.stream()
                .max(Comparator.comparingDouble(
                                (JsonNode m) -> m.path("validation_accuracy").asDouble())
                        .thenComparing(m -> -m.path("parameters").asInt()))
                .orElse(null);
    }

    private static @Nullable JsonNode base(List<JsonNode> methods) {
        return methods.stream()
                .filter(m -> m.path("parameters").asInt() == 0)
                .findFirst()
                .orElse(null);
    }

    private static boolean overlaps(JsonNode a, JsonNode b) {
        return a.path("test_interval_95").path(0).asDouble()
                        <= b.path("test_interval_95").path(1).asDouble()
                && b.path("test_interval_95").path(0).asDouble()
                        <= a.path("test_interval_95").path(1).asDouble();
    }

    private static String interval(Accuracy accuracy) {
        return percent(accuracy.value()) + " (95 % interval " + number(accuracy.low()) + " – " + number(accuracy.high())
                + ")";
    }

    private static String percent(double share) {
        return number(share) + " %";
    }

    private static String number(double share) {
        return String.format(Locale.ROOT, "%.1f", 100 * share);
    }

    /** The rows that are shown as corrected and broken, as indices of shown images. */
    static void shown(ObjectNode node, List<Integer> corrected, List<Integer> broken) {
        ArrayNode right = node.putArray("shown_corrected");
        corrected.forEach(right::add);
        ArrayNode wrong = node.putArray("shown_broken");
        broken.forEach(wrong::add);
    }
}
