package io.residual.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.Progress;
import io.residual.spectrum.Features;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EmbeddingMapTest {
    private static final int IMAGES = 60;

    private static final EmbeddingMap.Said SAID = new EmbeddingMap.Said() {
        @Override
        public String name(int image) {
            return "/home/me/photos/" + (image % 2 == 0 ? "ant" : "bee") + "/" + image + ".jpg";
        }

        @Override
        public int label(int image) {
            return image % 2;
        }

        @Override
        public int predicted(int image) {
            return image == 8 ? 299 : image % 2; // more classes than a byte holds
        }

        @Override
        public double doubt(int image) {
            return image / 100.0;
        }

        @Override
        public int split(int image) {
            return image < 40 ? 0 : 2;
        }
    };

    private static Features features() {
        Random random = new Random(1);
        float[] values = new float[IMAGES * 8];
        for (int k = 0; k < values.length; k++) {
            values[k] = (float) random.nextGaussian() + (k % 8 == 0 && k / 8 % 2 == 0 ? 4 : 0);
        }
        boolean[] known = new boolean[IMAGES];
        Arrays.fill(known, true);
        known[5] = false;
        return new Features(8, values, known);
    }

    private static ByteBuffer bytes(JsonNode node) {
        return ByteBuffer.wrap(Base64.getDecoder().decode(node.asText())).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void whatAPageReads_isWhatWasSaid_andTheExtremesLieOnTheSides() {
        EmbeddingMap map = EmbeddingMap.of(features(), Progress.silent());
        int[] numbers = IntStream.range(0, IMAGES).map(i -> 1000 * i).toArray();
        JsonNode json = map.json(
                SAID,
                numbers,
                IntStream.range(0, 300).mapToObj(c -> "class " + c).toList(),
                List.of("train", "validation", "test"));
        int n = IMAGES - 1; // one has no embedding
        assertEquals(n, json.path("images").asInt());
        assertEquals("/home/me/photos/", json.path("common").asText());
        int[] places = map.places();
        for (int k = 0; k < n; k++) {
            int i = places[k];
            assertEquals(
                    SAID.name(i),
                    json.path("common").asText() + json.path("names").get(k).asText());
            assertEquals(numbers[i], bytes(json.path("image")).getInt(4 * k));
            assertEquals(SAID.label(i), bytes(json.path("label")).getShort(2 * k));
            assertEquals(SAID.predicted(i), bytes(json.path("predicted")).getShort(2 * k));
            assertEquals(i, bytes(json.path("doubt")).get(k));
            assertEquals(SAID.split(i), bytes(json.path("split")).get(k));
        }
        float[] points = features().map();
        for (int axis = 0; axis < 2; axis++) {
            int at = axis;
            double low = Arrays.stream(places)
                    .mapToDouble(i -> points[2 * i + at])
                    .min()
                    .orElseThrow();
            double high = Arrays.stream(places)
                    .mapToDouble(i -> points[2 * i + at])
                    .max()
                    .orElseThrow();
            for (int k = 0; k < n; k++) {
                int packed = bytes(json.path("components")).getShort(4 * k + 2 * at) & 0xffff;
                // Rounded to one of 65,536 places.
                assertEquals((points[2 * places[k] + at] - low) / (high - low), packed / 65535.0, 1e-5);
            }
        }
        assertEquals(4 * n, bytes(json.path("neighbours")).remaining(), "twice 16 bits an image");
    }

    @Test
    void script_andStyle_areThere() {
        assertTrue(EmbeddingMap.script().contains("function embeddingMap(m, options)"));
        assertTrue(EmbeddingMap.style().contains("prefers-color-scheme: dark"));
    }
}
