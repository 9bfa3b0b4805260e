package io.residual.spectrum;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.Progress;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NeighbourMapTest {
    private static final int WIDTH = 16;
    private static final int CLUSTERS = 10;
    private static final int IMAGES = 200;

    /** Ten clusters in ten dimensions: two principal components cannot show them apart. */
    private static Features clusters() {
        Random random = new Random(7);
        float[] values = new float[IMAGES * WIDTH];
        for (int i = 0; i < IMAGES; i++) {
            for (int j = 0; j < WIDTH; j++) {
                values[i * WIDTH + j] = (float) (.15 * random.nextGaussian()) + (j == i % CLUSTERS ? 1 : 0);
            }
        }
        boolean[] known = new boolean[IMAGES];
        Arrays.fill(known, true);
        return new Features(WIDTH, values, known);
    }

    /** Trustworthiness of k neighbours (Venna and Kaski 2001), from its definition: [0, 1], 1 if no false neighbour is shown. */
    private static double trustworthiness(Features features, float[] map, int k) {
        int n = IMAGES;
        double penalty = 0;
        for (int i = 0; i < n; i++) {
            int self = i;
            List<Integer> original = features.nearest(i, n, j -> true);
            List<Integer> shown = IntStream.range(0, n)
                    .filter(j -> j != self)
                    .boxed()
                    .sorted(Comparator.comparingDouble(
                            j -> Math.hypot(map[self * 2] - map[j * 2], map[self * 2 + 1] - map[j * 2 + 1])))
                    .limit(k)
                    .toList();
            for (int j : shown) {
                penalty += Math.max(0, original.indexOf(j) + 1 - k);
            }
        }
        return 1 - penalty * 2 / (n * k * (2.0 * n - 3 * k - 1));
    }

    @Test
    void neighboursStayNeighbours_wherePrincipalComponentsMixThem() {
        Features features = clusters();
        Neighbours neighbours = Neighbours.of(features, 15, Progress.silent());
        float[] start = features.map();
        float[] map = NeighbourMap.of(neighbours, start, 42);
        double before = trustworthiness(features, start, 10);
        double after = trustworthiness(features, map, 10);
        // Nearest by cosine within a cluster are hardly structured, so 1 is out of reach of any map; false clusters
        // cost the most.
        assertTrue(after > .9 && after > before + .05, before + " to " + after);
        assertArrayEquals(map, NeighbourMap.of(neighbours, start, 42), 0, "the same map again");
    }

    @Test
    void equalImages_andImagesWithoutEmbeddings_areNoTrouble() {
        Features features = clusters();
        for (int i = 0; i < 40; i++) {
            System.arraycopy(features.values(), 0, features.values(), i * WIDTH, WIDTH);
        }
        features.known()[50] = false;
        float[] map = NeighbourMap.of(Neighbours.of(features, 15, Progress.silent()), features.map(), 1);
        for (int i = 0; i < IMAGES; i++) {
            assertTrue(i == 50 ? Float.isNaN(map[100]) : Float.isFinite(map[i * 2]) && Float.isFinite(map[i * 2 + 1]));
        }
    }
}
