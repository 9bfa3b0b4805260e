package io.residual.probing;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.chart.TextTable;
import io.residual.images.Preprocessing;
import io.residual.model.ImageTextModel;
import io.residual.model.TextTokenizer.Overlong;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.where.AttentionRollout;
import io.residual.where.TokenMap;
import io.residual.where.TokenTrace;
import io.residual.world.MaskedImage;
import io.residual.zeroshot.Accuracy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/**
 * Do maps of texts find what the texts name? In the embedded world the pixels of every thing are known. A map of patches becomes a
 * mask by a threshold, a share of its largest value, which is chosen for each kind of map on other images; the mask is compared
 * with the thing's (intersection over union), and the largest patch is asked whether its centre lies on the thing (pointing game;
 * Zhang et al. 2018). Chance: the same map with its patches shuffled.
 */
public final class LocalisationStudy {
    private static final double Z = 1.96;
    private static final int THRESHOLDS = 19; // .05 to .95

    /** What is compared. */
    public enum MapKind {
        /** The text's logit, split over patches. */
        TEXT("text map"),
        /** The same less the mean of all the world's texts. */
        CONTRAST("text map, less the mean text"),
        /** Mean attention of the last layer's heads. */
        ATTENTION("attention, last layer"),
        /** Rollout over all layers. */
        ROLLOUT("attention rollout"),
        /** The contrast's map, patches shuffled. */
        CHANCE("chance: patches shuffled");

        private final String label;

        MapKind(String label) {
            this.label = label;
        }
    }

    /**
     * One kind of map on the test images.
     *
     * @param threshold share of the largest value, chosen on other images
     * @param iou mean intersection over union
     * @param iouError half the width of its 95 % interval
     * @param pointing images whose largest patch has its centre on the thing
     * @param distracted images whose largest patch has its centre on the other thing
     */
    public record Score(
            String map, double threshold, double iou, double iouError, Accuracy pointing, Accuracy distracted) {}

    /**
     * The comparison.
     *
     * @param gain mean IoU of the better text map less that of the better attention, image by image
     * @param gainError half the width of its 95 % interval
     * @param coverage mean share of an image that the thing covers
     * @param ceiling mean IoU of the best choice of patches: what patches of this size allow
     */
    public record Result(List<Score> scores, double gain, double gainError, double coverage, double ceiling) {
        public Result {
            scores = List.copyOf(scores);
        }
    }

    private LocalisationStudy() {}

    /** One image's maps, at patches. */
    private record Seen(MaskedImage image, int rows, int columns, Map<MapKind, double[]> maps) {
        double[] map(MapKind kind) {
            return Objects.requireNonNull(maps.get(kind));
        }
    }

    /**
     * Measures a model with a text tower.
     *
     * @param images to be measured on; as many again choose the thresholds
     * @param two whether each image has two different things, one of which the text names
     */
    public static Result of(ImageTextModel model, int images, boolean two, long seed, Progress progress) {
        if (!model.hasText()) {
            throw InputException.at(model.name(), "no text tower", "one, for maps of texts", "Take another model");
        }
        Map<String, double[]> texts = new HashMap<>();
        double[] mean = new double[model.image().config().sharedWidth()];
        for (String text : MaskedImage.texts()) {
            float[] t = model.meanDirection(
                    MaskedImage.TEMPLATES.stream()
                            .map(p -> p.replace("{}", text))
                            .toList(),
                    Overlong.REFUSE);
            double[] wide = new double[t.length];
            Arrays.setAll(wide, j -> t[j]);
            texts.put(text, wide);
            for (int j = 0; j < mean.length; j++) {
                mean[j] += wide[j] / MaskedImage.texts().size();
            }
        }
        List<Seen> choosing = see(model, MaskedImage.draw(seed, images, two), texts, mean, seed, progress);
        List<Seen> testing =
                see(model, MaskedImage.draw(seed + 1_000_003, images, two), texts, mean, seed + 1, progress);
        List<Score> scores = new ArrayList<>();
        Map<MapKind, double[]> ious = new EnumMap<>(MapKind.class);
        for (MapKind map : MapKind.values()) {
            double threshold = choose(choosing, map);
            double[] iou = testing.stream()
                    .mapToDouble(s -> iou(s, s.map(map), threshold))
                    .toArray();
            ious.put(map, iou);
            int right = 0;
            int wrong = 0;
            for (Seen s : testing) {
                int centre = centre(s, s.map(map));
                right += s.image.mask()[centre] ? 1 : 0;
                wrong += s.image.distractor()[centre] ? 1 : 0;
            }
            scores.add(new Score(
                    map.label,
                    threshold,
                    mean(iou),
                    error(iou),
                    new Accuracy(right, testing.size()),
                    new Accuracy(wrong, testing.size())));
        }
        double[] text = better(ious, MapKind.TEXT, MapKind.CONTRAST);
        double[] attention = better(ious, MapKind.ATTENTION, MapKind.ROLLOUT);
        double[] gain = new double[text.length];
        Arrays.setAll(gain, i -> text[i] - attention[i]);
        return new Result(
                scores,
                mean(gain),
                error(gain),
                mean(testing.stream().mapToDouble(LocalisationStudy::coverage).toArray()),
                mean(testing.stream().mapToDouble(LocalisationStudy::ceiling).toArray()));
    }

    private static double[] better(Map<MapKind, double[]> ious, MapKind a, MapKind b) {
        double[] first = ious.getOrDefault(a, new double[0]);
        double[] second = ious.getOrDefault(b, new double[0]);
        return mean(first) >= mean(second) ? first : second;
    }

    private static List<Seen> see(
            ImageTextModel model,
            List<MaskedImage> images,
            Map<String, double[]> texts,
            double[] mean,
            long seed,
            Progress progress) {
        progress.start("maps", images.size());
        Random random = new Random(seed);
        List<Seen> all = new ArrayList<>();
        Preprocessing size = model.preprocessing();
        for (MaskedImage image : images) {
            float[] pixels = new float[size.inputLength()];
            size.apply(image.image(), pixels, 0);
            try (NativeScope scope = NativeScope.inference()) {
                Tensor input = Tensors.of(pixels, 1, 3, size.inputHeight(), size.inputWidth());
                TokenTrace trace = TokenTrace.of(model.image(), input);
                double[] text = texts.getOrDefault(image.text(), mean);
                double[] contrast = new double[text.length];
                Arrays.setAll(contrast, j -> text[j] - mean[j]);
                Map<MapKind, double[]> maps = new EnumMap<>(MapKind.class);
                maps.put(MapKind.TEXT, patches(trace, text));
                double[] contrasted = patches(trace, contrast);
                maps.put(MapKind.CONTRAST, contrasted);
                maps.put(MapKind.ATTENTION, attention(trace));
                float[] rollout = AttentionRollout.of(model.image(), input);
                double[] rolled = new double[rollout.length - trace.leading()];
                Arrays.setAll(rolled, i -> rollout[trace.leading() + i]);
                maps.put(MapKind.ROLLOUT, rolled);
                maps.put(MapKind.CHANCE, shuffled(contrasted, random));
                all.add(new Seen(image, trace.rows(), trace.columns(), maps));
            }
            progress.at(all.size());
        }
        progress.finish();
        return all;
    }

    private static double[] patches(TokenTrace trace, double... direction) {
        TokenMap map = trace.alongAll(0, direction);
        return map.patches(map.all());
    }

    private static double[] attention(TokenTrace trace) {
        float[] all = trace.attention(0);
        int heads = trace.shape().heads();
        int tokens = trace.tokens();
        double[] mean = new double[trace.rows() * trace.columns()];
        for (int u = trace.shape().allHeads() - heads; u < trace.shape().allHeads(); u++) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += all[u * tokens + trace.leading() + i] / heads;
            }
        }
        return mean;
    }

    private static double[] shuffled(double[] values, Random random) {
        double[] out = values.clone();
        for (int i = out.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            double kept = out[i];
            out[i] = out[j];
            out[j] = kept;
        }
        return out;
    }

    private static double choose(List<Seen> choosing, MapKind map) {
        double best = 0;
        double most = -1;
        for (int k = 1; k <= THRESHOLDS; k++) {
            double threshold = k / (THRESHOLDS + 1.0);
            double iou = mean(choosing.stream()
                    .mapToDouble(s -> iou(s, s.map(map), threshold))
                    .toArray());
            if (iou > most) {
                most = iou;
                best = threshold;
            }
        }
        return best;
    }

    private static int patch(Seen seen, int pixel) {
        int width = seen.image.image().width();
        int height = seen.image.image().height();
        int row = pixel / width * seen.rows / height;
        int column = pixel % width * seen.columns / width;
        return row * seen.columns + column;
    }

    private static double iou(Seen seen, double[] map, double threshold) {
        double bound = threshold * Arrays.stream(map).max().orElse(0);
        boolean[] chosen = new boolean[map.length];
        for (int i = 0; i < map.length; i++) {
            chosen[i] = map[i] >= bound && map[i] > 0;
        }
        return iou(seen, chosen);
    }

    private static double iou(Seen seen, boolean... chosen) {
        boolean[] mask = seen.image.mask();
        int both = 0;
        int either = 0;
        for (int i = 0; i < mask.length; i++) {
            boolean said = chosen[patch(seen, i)];
            both += said && mask[i] ? 1 : 0;
            either += said || mask[i] ? 1 : 0;
        }
        return either == 0 ? 0 : (double) both / either;
    }

    /** Patches taken from the fullest on, as long as that helps: no choice of patches does better. */
    private static double ceiling(Seen seen) {
        boolean[] mask = seen.image.mask();
        double[] share = new double[seen.rows * seen.columns];
        for (int i = 0; i < mask.length; i++) {
            share[patch(seen, i)] += mask[i] ? 1 : 0;
        }
        boolean[] chosen = new boolean[share.length];
        double best = 0;
        for (int k = 0; k < share.length; k++) {
            int fullest = -1;
            for (int i = 0; i < share.length; i++) {
                fullest = !chosen[i] && (fullest < 0 || share[i] > share[fullest]) ? i : fullest;
            }
            chosen[fullest] = true;
            best = Math.max(best, iou(seen, chosen));
        }
        return best;
    }

    private static double coverage(Seen seen) {
        int covered = 0;
        for (boolean pixel : seen.image.mask()) {
            covered += pixel ? 1 : 0;
        }
        return (double) covered / seen.image.mask().length;
    }

    /** The pixel in the middle of the largest patch. */
    private static int centre(Seen seen, double... map) {
        int best = 0;
        for (int i = 1; i < map.length; i++) {
            best = map[i] > map[best] ? i : best;
        }
        int width = seen.image.image().width();
        int height = seen.image.image().height();
        int y = (2 * (best / seen.columns) + 1) * height / (2 * seen.rows);
        int x = (2 * (best % seen.columns) + 1) * width / (2 * seen.columns);
        return y * width + x;
    }

    private static double mean(double... values) {
        return Arrays.stream(values).average().orElse(0);
    }

    private static double error(double... values) {
        double mean = mean(values);
        double variance =
                Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / Math.max(1, values.length - 1);
        return Z * Math.sqrt(variance / values.length);
    }

    /** As text. */
    public static String text(Result result) {
        TextTable table = new TextTable().row("map", "threshold", "IoU", "95 %", "pointing", "95 %", "on the other");
        for (Score s : result.scores) {
            table.row(
                    s.map,
                    number(s.threshold, 2),
                    number(s.iou, 3),
                    "± " + number(s.iouError, 3),
                    number(s.pointing.value(), 3),
                    number(s.pointing.low(), 3) + " to " + number(s.pointing.high(), 3),
                    number(s.distracted.value(), 3));
        }
        return table
                + String.format(
                        Locale.ROOT,
                        "text map less attention, the better of each, image by image: IoU %+.3f ± %.3f%n"
                                + "the thing covers %.1f %% of an image; no choice of patches reaches more than IoU %.3f%n",
                        result.gain,
                        result.gainError,
                        100 * result.coverage,
                        result.ceiling);
    }

    private static String number(double value, int places) {
        return String.format(Locale.ROOT, "%." + places + "f", value);
    }

    /** As JSON. */
    public static ObjectNode json(Result result) {
        ObjectNode root = Json.object()
                .put("gain", result.gain)
                .put("gain_error", result.gainError)
                .put("coverage", result.coverage)
                .put("ceiling", result.ceiling);
        ArrayNode all = root.putArray("maps");
        result.scores.forEach(s -> all.addObject()
                .put("map", s.map)
                .put("threshold", s.threshold)
                .put("iou", s.iou)
                .put("iou_error", s.iouError)
                .put("pointing", s.pointing.value())
                .put("pointing_low", s.pointing.low())
                .put("pointing_high", s.pointing.high())
                .put("distracted", s.distracted.value()));
        return root;
    }
}
