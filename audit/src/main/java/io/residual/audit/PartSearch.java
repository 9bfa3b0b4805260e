package io.residual.audit;

import static io.residual.audit.PixelMatch.GRID;
import static io.residual.audit.PixelMatch.normalised;
import static io.residual.audit.PixelMatch.product;
import static io.residual.audit.PixelMatch.sampled;

import io.residual.audit.PixelMatch.Window;
import io.residual.base.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for images that show a part of another, perhaps mirrored. The windows of an image are sampled once, and compared with all images that
 * may be a part of it; the best window is then moved until it fits.
 */
final class PartSearch {
    private static final int COARSE = 12;

    /** Correlations of brightness and of fine detail from which a part is a copy; lower than those of whole images, as resampling blurs. */
    private static final double PART = .95;

    private static final double PART_DETAIL = .8;

    /** A coarse match below this is not refined. */
    private static final double PROMISING = .8;

    private static final double[] SCALES = {.9, .8, .7, .6};
    private static final List<Window> WINDOWS = windows();

    private PartSearch() {}

    private static List<Window> windows() {
        List<Window> all = new ArrayList<>();
        for (double w : SCALES) {
            for (double h : SCALES) {
                for (double x = 0; x <= 1 - w + 1e-9; x += .1) {
                    for (double y = 0; y <= 1 - h + 1e-9; y += .1) {
                        all.add(new Window(x, y, w, h));
                    }
                }
            }
        }
        return List.copyOf(all);
    }

    /** A match with its rank: not mirrored before mirrored, a part of the first image before one of the second. */
    private record Ranked(int rank, PixelMatch match) {}

    /**
     * Searches pairs, each in both directions.
     *
     * @param keys of pairs: first image · 2³² + second image
     */
    static Map<Long, PixelMatch> of(ImageFacts[] facts, long[] keys, Progress progress) {
        Map<Integer, List<Integer>> partners = new TreeMap<>();
        for (long key : keys) {
            int a = (int) (key >>> 32);
            int b = (int) key;
            if (facts[a].readable()
                    && facts[b].readable()
                    && !PixelMatch.isFlat(facts[a])
                    && !PixelMatch.isFlat(facts[b])) {
                partners.computeIfAbsent(a, k -> new ArrayList<>()).add(b);
                partners.computeIfAbsent(b, k -> new ArrayList<>()).add(a);
            }
        }
        List<Integer> images = List.copyOf(partners.keySet());
        Map<Long, Ranked> found = new ConcurrentHashMap<>();
        AtomicInteger done = new AtomicInteger();
        progress.start("looking for parts", images.size());
        IntStream.range(0, images.size()).parallel().forEach(n -> {
            int image = images.get(n);
            float[] windows = sideBySide(facts[image]);
            for (int other : partners.getOrDefault(image, List.of())) {
                long key = (long) Math.min(image, other) << 32 | Math.max(image, other);
                for (int mirrored = 0; mirrored < 2; mirrored++) {
                    PixelMatch match = part(facts[image], windows, facts[other], mirrored == 1);
                    if (match != null) {
                        Ranked ranked = new Ranked(mirrored * 2 + (image < other ? 0 : 1), match);
                        found.merge(key, ranked, (a, b) -> a.rank <= b.rank ? a : b);
                        break;
                    }
                }
            }
            progress.at(done.incrementAndGet());
        });
        progress.finish();
        Map<Long, PixelMatch> out = new TreeMap<>();
        found.forEach((key, ranked) -> out.put(key, ranked.match));
        return out;
    }

    /** All windows of an image, normalised, sample by sample: [COARSE², windows]. */
    private static float[] sideBySide(ImageFacts image) {
        int count = WINDOWS.size();
        float[] out = new float[COARSE * COARSE * count];
        for (int w = 0; w < count; w++) {
            double[] one = normalised(sampled(image.grey(), WINDOWS.get(w), COARSE, false));
            for (int k = 0; k < one.length; k++) {
                out[k * count + w] = (float) one[k];
            }
        }
        return out;
    }

    /** Whether {@code b} is a part of {@code a}, whose windows are known. */
    private static @Nullable PixelMatch part(ImageFacts a, float[] windows, ImageFacts b, boolean mirrored) {
        double[] coarse = normalised(sampled(b.grey(), Window.ALL, COARSE, mirrored));
        int count = WINDOWS.size();
        float[] sums = new float[count];
        for (int k = 0; k < coarse.length; k++) { // windows side by side, so that processors add several at once
            float sample = (float) coarse[k];
            int from = k * count;
            for (int w = 0; w < count; w++) {
                sums[w] += sample * windows[from + w];
            }
        }
        Window best = Window.ALL;
        double most = -1;
        for (int w = 0; w < count; w++) {
            if (sums[w] > most) {
                most = sums[w];
                best = WINDOWS.get(w);
            }
        }
        if (most < PROMISING) {
            return null;
        }
        double[] fine = sampled(b.grey(), Window.ALL, GRID, mirrored);
        Window window = refined(a, normalised(fine.clone()), best);
        return PixelMatch.confirmed(sampled(a.grey(), window, GRID, false), fine, PART, PART_DETAIL, mirrored, true);
    }

    /** Moves the window's edges one after the other as long as that helps. */
    private static Window refined(ImageFacts a, double[] target, Window from) {
        Window best = from;
        double most = product(normalised(sampled(a.grey(), best, GRID, false)), target);
        for (double step = .06; step > .004; step /= 2) {
            for (boolean better = true; better; ) {
                better = false;
                for (Window next : moved(best, step)) {
                    double found =
                            next.isInside() ? product(normalised(sampled(a.grey(), next, GRID, false)), target) : -1;
                    if (found > most + 1e-6) {
                        most = found;
                        best = next;
                        better = true;
                    }
                }
            }
        }
        return best;
    }

    private static Window[] moved(Window o, double s) {
        return new Window[] {
            new Window(o.x() + s, o.y(), o.w(), o.h()),
            new Window(o.x() - s, o.y(), o.w(), o.h()),
            new Window(o.x(), o.y() + s, o.w(), o.h()),
            new Window(o.x(), o.y() - s, o.w(), o.h()),
            new Window(o.x(), o.y(), o.w() + s, o.h()),
            new Window(o.x(), o.y(), o.w() - s, o.h()),
            new Window(o.x(), o.y(), o.w(), o.h() + s),
            new Window(o.x(), o.y(), o.w(), o.h() - s),
            new Window(o.x() - s / 2, o.y(), o.w() + s, o.h()),
            new Window(o.x(), o.y() - s / 2, o.w(), o.h() + s)
        };
    }
}
