package io.residual.spectrum;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Images in two dimensions, so that neighbours stay neighbours: the fuzzy neighbour graph and the negative sampling of UMAP (McInnes,
 * Healy, Melville 2018), over exact neighbours, started from the principal components and with one seed, so that the same images give the
 * same map. Distances between groups mean little. The published curve's exponent b is 1 here, which spares a power for each step.
 *
 * <p>Own code: it is short, and needs one seed, exact neighbours and bounded memory.
 */
public final class NeighbourMap {
    private static final double CURVE = 1.6; // of 1 / (1 + a d²): images of one group stay about .1 apart
    private static final int NEGATIVES = 5;
    private static final double CLIP = 4;
    private static final double SIDE = 10;
    private static final int SEARCH = 48;

    private NeighbourMap() {}

    /** Passes over the graph: fewer of many images, as published (there from 10,000 on). */
    private static int epochs(int n) {
        return n >= 5_000 ? 200 : 400;
    }

    /**
     * The map.
     *
     * @param neighbours of every image
     * @param start x and y of every image, NaN where there is none
     * @return the same of the map
     */
    public static float[] of(Neighbours neighbours, float[] start, long seed) {
        int n = start.length / 2;
        Graph graph = Graph.of(neighbours, n);
        double[] places = scaled(start, seed);
        int epochs = epochs(n);
        double largest = 0;
        for (float weight : graph.weights) {
            largest = Math.max(largest, weight);
        }
        int[] rows = known(start);
        float[] next = new float[graph.weights.length]; // when each edge is drawn next, in epochs
        for (int e = 0; e < next.length; e++) {
            next[e] = (float) (largest / Math.max(1e-9, graph.weights[e]));
        }
        SplittableRandom random = new SplittableRandom(seed);
        for (int epoch = 1; epoch <= epochs && rows.length > 2; epoch++) {
            double rate = 1 - (epoch - 1.0) / epochs;
            for (int e = 0; e < next.length; e++) {
                if (next[e] > epoch) {
                    continue;
                }
                next[e] += (float) (largest / graph.weights[e]);
                int a = graph.from[e] * 2;
                attract(places, a, graph.to[e] * 2, rate);
                for (int k = 0; k < NEGATIVES; k++) {
                    push(places, a, rows[random.nextInt(rows.length)] * 2, rate);
                }
            }
        }
        float[] out = start.clone();
        for (int i : rows) {
            out[i * 2] = (float) places[i * 2];
            out[i * 2 + 1] = (float) places[i * 2 + 1];
        }
        return out;
    }

    private static int[] known(float... start) {
        return java.util.stream.IntStream.range(0, start.length / 2)
                .filter(i -> !Float.isNaN(start[i * 2]))
                .toArray();
    }

    /** Two ends of an edge towards one another. */
    private static void attract(double[] places, int a, int b, double rate) {
        double square = square(places, a, b);
        double factor = -2 * CURVE / (1 + CURVE * square);
        for (int axis = 0; axis < 2; axis++) {
            double step = rate * clipped(factor * (places[a + axis] - places[b + axis]));
            places[a + axis] += step;
            places[b + axis] -= step;
        }
    }

    /** An image away from another. */
    private static void push(double[] places, int a, int b, double rate) {
        if (a == b) {
            return;
        }
        double square = square(places, a, b);
        double factor = 2 / ((.001 + square) * (1 + CURVE * square));
        for (int axis = 0; axis < 2; axis++) {
            places[a + axis] += rate * (square > 0 ? clipped(factor * (places[a + axis] - places[b + axis])) : CLIP);
        }
    }

    private static double square(double[] places, int a, int b) {
        double x = places[a] - places[b];
        double y = places[a + 1] - places[b + 1];
        return x * x + y * y;
    }

    private static double clipped(double step) {
        return Math.max(-CLIP, Math.min(CLIP, step));
    }

    /** The start within a square, with a little noise, so that equal images part. */
    private static double[] scaled(float[] start, long seed) {
        double largest = 1e-9;
        for (float value : start) {
            largest = Float.isNaN(value) ? largest : Math.max(largest, Math.abs(value));
        }
        SplittableRandom random = new SplittableRandom(seed + 1);
        double[] out = new double[start.length];
        for (int k = 0; k < out.length; k++) {
            out[k] = Float.isNaN(start[k]) ? 0 : start[k] / largest * SIDE + 1e-4 * (random.nextDouble() - .5);
        }
        return out;
    }

    /** Edges in both directions, with the probability that one of their ends counts the other among its neighbours. */
    private record Graph(int[] from, int[] to, float[] weights) {
        static Graph of(Neighbours neighbours, int n) {
            int k = neighbours.count();
            float[] one = new float[n * k];
            for (int i = 0; i < n; i++) {
                memberships(neighbours, i, one);
            }
            int[] from = new int[2 * n * k];
            int[] to = new int[2 * n * k];
            float[] weights = new float[2 * n * k];
            int edges = 0;
            for (int i = 0; i < n; i++) {
                for (int r = 0; r < k && neighbours.image(i, r) >= 0; r++) {
                    int j = neighbours.image(i, r);
                    int back = rank(neighbours, j, i);
                    if (back >= 0 && j < i) {
                        continue; // both ends have it: counted once
                    }
                    float there = one[i * k + r];
                    float here = back < 0 ? 0 : one[j * k + back];
                    for (int way = 0; way < 2; way++) {
                        from[edges] = way == 0 ? i : j;
                        to[edges] = way == 0 ? j : i;
                        weights[edges++] = there + here - there * here;
                    }
                }
            }
            return new Graph(Arrays.copyOf(from, edges), Arrays.copyOf(to, edges), Arrays.copyOf(weights, edges));
        }

        private static int rank(Neighbours neighbours, int of, int wanted) {
            for (int r = 0; r < neighbours.count(); r++) {
                if (neighbours.image(of, r) == wanted) {
                    return r;
                }
            }
            return -1;
        }

        /** exp(−(d − nearest)/scale), the scale such that they sum to log₂ k. */
        private static void memberships(Neighbours neighbours, int i, float[] into) {
            int k = neighbours.count();
            int count = 0;
            while (count < k && neighbours.image(i, count) >= 0) {
                count++;
            }
            if (count == 0) {
                return;
            }
            double wanted = Math.log(Math.max(2, count)) / Math.log(2);
            double nearest = 1 - neighbours.cosine(i, 0);
            double low = 0;
            double high = 4;
            double scale = 1;
            for (int step = 0; step < SEARCH; step++) {
                scale = (low + high) / 2;
                double sum = 0;
                for (int r = 0; r < count; r++) {
                    sum += Math.exp(-(1 - neighbours.cosine(i, r) - nearest) / Math.max(1e-9, scale));
                }
                if (sum > wanted) {
                    high = scale;
                } else {
                    low = scale;
                }
            }
            for (int r = 0; r < count; r++) {
                into[i * k + r] = (float)
                        Math.max(1e-6, Math.exp(-(1 - neighbours.cosine(i, r) - nearest) / Math.max(1e-9, scale)));
            }
        }
    }
}
