package io.residual.audit;

import io.residual.base.Progress;
import io.residual.spectrum.Neighbours;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Images that are copies of one another.
 *
 * @param pairs confirmed pairs
 * @param groups images that belong together, two or more, ascending; the groups in the order of their first images
 */
public record Twins(List<Pair> pairs, List<int[]> groups) {
    /** How a copy differs. */
    public enum Kind {
        /** The same file. */
        SAME_FILE("same file"),
        /** Another file with the same pixels. */
        SAME_PIXELS("same pixels"),
        /** Compressed or resized, or changed in brightness or contrast. */
        CHANGED("re-encoded, resized or brightened"),
        /** Turned left to right, and perhaps changed. */
        MIRRORED("mirrored"),
        /** A part of the other, perhaps mirrored or changed. */
        CROPPED("cropped");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** For people. */
        public String words() {
            return words;
        }
    }

    /**
     * Two images that are copies.
     *
     * @param likeness correlation of fine detail; 1 for equal pixels
     */
    public record Pair(int first, int second, Kind kind, double likeness) {}

    /** Images are compared by fingerprint with all others up to this number. */
    static final int MOST_FINGERPRINTED = 40_000;

    /** Bits of 64 that fingerprints of copies may differ in. */
    private static final int BITS = 9;

    /** Neighbours by embedding that are compared by pixels, and their least cosine. */
    private static final int NEAREST = 5;

    private static final double LEAST_COSINE = .4;

    /**
     * Finds them.
     *
     * @param neighbours by embedding, or null
     */
    public static Twins of(ImageFacts[] facts, @Nullable Neighbours neighbours, Progress progress) {
        Map<Long, Pair> pairs = new TreeMap<>();
        equal(facts, true, pairs);
        equal(facts, false, pairs);
        Set<Long> candidates = new HashSet<>();
        if (neighbours != null) {
            for (int i = 0; i < facts.length; i++) {
                for (int k = 0; k < Math.min(NEAREST, neighbours.count()); k++) {
                    int other = neighbours.image(i, k);
                    if (other >= 0 && neighbours.cosine(i, k) >= LEAST_COSINE) {
                        candidates.add(key(i, other));
                    }
                }
            }
        }
        if (facts.length <= MOST_FINGERPRINTED) {
            candidates.addAll(alike(facts));
        }
        candidates.removeAll(pairs.keySet());
        long[] keys = candidates.stream().mapToLong(Long::longValue).sorted().toArray();
        progress.start("comparing pixels", keys.length);
        AtomicInteger done = new AtomicInteger();
        Map<Long, Pair> whole = new ConcurrentHashMap<>();
        Arrays.stream(keys).parallel().forEach(key -> {
            progress.at(done.incrementAndGet());
            ImageFacts a = facts[(int) (key >>> 32)];
            ImageFacts b = facts[(int) key];
            PixelMatch match = a.readable() && b.readable() ? PixelMatch.of(a, b) : null;
            if (match != null) {
                whole.put(key, pair(key, match));
            }
        });
        progress.finish();
        pairs.putAll(whole);
        long[] rest = Arrays.stream(keys).filter(key -> !whole.containsKey(key)).toArray();
        PartSearch.of(facts, rest, progress).forEach((key, match) -> pairs.put(key, pair(key, match)));
        return new Twins(List.copyOf(pairs.values()), groups(facts.length, pairs.values()));
    }

    private static Pair pair(long key, PixelMatch match) {
        return new Pair(
                (int) (key >>> 32),
                (int) key,
                match.cropped() ? Kind.CROPPED : match.mirrored() ? Kind.MIRRORED : Kind.CHANGED,
                match.likeness());
    }

    private static long key(int a, int b) {
        return (long) Math.min(a, b) << 32 | Math.max(a, b);
    }

    /** Pairs of the first image of each content with the others. */
    private static void equal(ImageFacts[] facts, boolean files, Map<Long, Pair> into) {
        Map<String, Integer> first = new HashMap<>();
        for (int i = 0; i < facts.length; i++) {
            String hash = files ? facts[i].fileHash() : facts[i].readable() ? facts[i].pixelHash() : null;
            Integer before = hash == null ? null : first.putIfAbsent(hash, i);
            if (before != null) {
                into.putIfAbsent(key(before, i), new Pair(before, i, files ? Kind.SAME_FILE : Kind.SAME_PIXELS, 1));
            }
        }
    }

    /** Pairs whose fingerprints, one of them perhaps mirrored, differ in few bits. */
    private static Set<Long> alike(ImageFacts[] facts) {
        int[] rows = IntStream.range(0, facts.length)
                .filter(i -> facts[i].readable() && facts[i].deviation() > 1)
                .toArray();
        long[] prints = Arrays.stream(rows)
                .mapToLong(i -> print(facts[i].grey(), false))
                .toArray();
        long[] turned =
                Arrays.stream(rows).mapToLong(i -> print(facts[i].grey(), true)).toArray();
        Set<Long> found = Collections.synchronizedSet(new HashSet<>());
        IntStream.range(0, rows.length).parallel().forEach(i -> {
            // At most as many as there are nearest neighbours: on a set of near-equal drawings everything is alike.
            long[] best = new long[NEAREST];
            Arrays.fill(best, Long.MAX_VALUE);
            for (int j = 0; j < rows.length; j++) {
                int bits = Math.min(Long.bitCount(prints[i] ^ prints[j]), Long.bitCount(turned[i] ^ prints[j]));
                long entry = (long) bits << 32 | j;
                if (bits <= BITS && j != i && entry < best[NEAREST - 1]) {
                    best[NEAREST - 1] = entry;
                    Arrays.sort(best);
                }
            }
            for (long entry : best) {
                if (entry != Long.MAX_VALUE) {
                    found.add(key(rows[i], rows[(int) entry]));
                }
            }
        });
        return found;
    }

    /** Whether each of 8 × 8 cells is darker than the one to its right (the difference hash). */
    private static long print(byte[] grey, boolean mirrored) {
        int side = ImageFacts.SIDE;
        double[] cells = new double[9 * 8];
        for (int y = 0; y < 8; y++) {
            for (int x = 0; x < 9; x++) {
                double sum = 0;
                int from = x * side / 9;
                int to = (x + 1) * side / 9;
                for (int v = y * side / 8; v < (y + 1) * side / 8; v++) {
                    for (int u = from; u < to; u++) {
                        sum += grey[v * side + (mirrored ? side - 1 - u : u)] & 255;
                    }
                }
                cells[y * 9 + x] = sum / (to - from);
            }
        }
        long print = 0;
        for (int y = 0; y < 8; y++) {
            for (int x = 0; x < 8; x++) {
                print = print << 1 | (cells[y * 9 + x] < cells[y * 9 + x + 1] ? 1 : 0);
            }
        }
        return print;
    }

    private static List<int[]> groups(int n, Iterable<Pair> pairs) {
        int[] root = IntStream.range(0, n).toArray();
        for (Pair pair : pairs) {
            int a = root(root, pair.first);
            int b = root(root, pair.second);
            root[Math.max(a, b)] = Math.min(a, b);
        }
        Map<Integer, List<Integer>> members = new TreeMap<>();
        for (int i = 0; i < n; i++) {
            members.computeIfAbsent(root(root, i), k -> new ArrayList<>()).add(i);
        }
        return members.values().stream()
                .filter(m -> m.size() > 1)
                .map(m -> m.stream().mapToInt(Integer::intValue).toArray())
                .sorted(Comparator.comparingInt(m -> m[0]))
                .toList();
    }

    private static int root(int[] root, int i) {
        int at = i;
        while (root[at] != at) {
            root[at] = root[root[at]];
            at = root[at];
        }
        return at;
    }

    /** The number of the group of each image; −1 for images without twins. */
    public int[] groupOf(int n) {
        int[] out = new int[n];
        Arrays.fill(out, -1);
        for (int g = 0; g < groups.size(); g++) {
            for (int i : groups.get(g)) {
                out[i] = g;
            }
        }
        return out;
    }
}
