package io.residual.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.spectrum.Features;
import io.residual.spectrum.NeighbourMap;
import io.residual.spectrum.Neighbours;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * All images of a page in two dimensions, as its script ({@link #script}) draws them: by their nearest neighbours
 * ({@link NeighbourMap}) and by their first two principal components; coloured by label, prediction, error, doubt and split. Places have 16
 * bits and go in as base64 of little-endian numbers, so that an image takes some ten bytes of a page and its name.
 *
 * @param places of the images that are shown in {@code neighbours} and {@code components}
 * @param neighbours x and y of every image on the neighbour map; null for principal components alone
 * @param components x and y of every image along the principal components
 */
public record EmbeddingMap(int[] places, float @Nullable [] neighbours, float[] components) {
    /** Neighbours that the map is made from. */
    public static final int NEIGHBOURS = 15;

    /** The seed of the map, so that the same images give the same one. */
    public static final long SEED = 42;

    private static final int SIDE = 65535;

    /** What a page says of its images besides their places. */
    public interface Said {
        /** The name, short. */
        String name(int image);

        /** The class that the image is labelled as. */
        int label(int image);

        /** The class that is predicted. */
        int predicted(int image);

        /** 1 less the probability of its label: [0, 1]. */
        double doubt(int image);

        /** The number of its split. */
        int split(int image);
    }

    /** A map of all images that have an embedding. */
    public static EmbeddingMap of(Features features, Progress progress) {
        Neighbours neighbours = Neighbours.of(features, NEIGHBOURS, progress);
        return of(features, NeighbourMap.of(neighbours, features.map(), SEED));
    }

    /** The same, where the map by neighbours is known. */
    public static EmbeddingMap of(Features features, float @Nullable [] neighbours) {
        return new EmbeddingMap(features.rows(), neighbours, features.map());
    }

    /**
     * The map for a page.
     *
     * @param numbers by which the page asks for the images; by place in the features
     * @param classes names of classes
     * @param splits names of splits
     */
    public ObjectNode json(Said said, int[] numbers, List<String> classes, List<String> splits) {
        ObjectNode map = Json.object().put("images", places.length);
        map.set("classes", Json.of(classes));
        map.set("splits", Json.of(splits));
        if (neighbours != null) {
            map.put("neighbours", coordinates(neighbours));
        }
        map.put("components", coordinates(components));
        map.put("image", packed(4, i -> numbers[i]));
        map.put("label", packed(2, said::label));
        map.put("predicted", packed(2, said::predicted));
        map.put("doubt", packed(1, i -> (int) Math.round(100 * Math.max(0, Math.min(1, said.doubt(i))))));
        map.put("split", packed(1, said::split));
        names(map, said);
        return map;
    }

    /** Names without the folders that all of them have in common. */
    private void names(ObjectNode map, Said said) {
        List<String> names = Arrays.stream(places).mapToObj(said::name).toList();
        String common = names.isEmpty() ? "" : names.get(0);
        for (String name : names) {
            while (!name.startsWith(common)) {
                common = common.substring(0, common.length() - 1);
            }
        }
        int below = Math.max(common.lastIndexOf('/'), common.lastIndexOf('\\')) + 1;
        map.put("common", common.substring(0, below));
        map.set(
                "names",
                Json.of(names.stream().map(name -> name.substring(below)).toList()));
    }

    /** Both coordinates of every image on the side of a square, x and y in turn. */
    private String coordinates(float... points) {
        IntToDoubleFunction[] scaled = new IntToDoubleFunction[2];
        for (int axis = 0; axis < 2; axis++) {
            int at = axis;
            double[] all = Arrays.stream(places)
                    .mapToDouble(i -> points[i * 2 + at])
                    .filter(Double::isFinite)
                    .toArray();
            double low = Arrays.stream(all).min().orElse(0);
            double high = Arrays.stream(all).max().orElse(1);
            scaled[axis] = i -> {
                double value = points[i * 2 + at];
                return Double.isFinite(value) ? (value - low) / Math.max(1e-9, high - low) * SIDE : 0;
            };
        }
        return bytes(
                2,
                IntStream.of(places)
                        .flatMap(
                                i -> IntStream.range(0, 2).map(axis -> (int) Math.round(scaled[axis].applyAsDouble(i))))
                        .toArray());
    }

    private String packed(int wide, IntUnaryOperator value) {
        return bytes(wide, Arrays.stream(places).map(value).toArray());
    }

    private static String bytes(int wide, int... values) {
        ByteBuffer out = ByteBuffer.allocate(values.length * wide).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            switch (wide) {
                case 1 -> out.put((byte) value);
                case 2 -> out.putShort((short) value);
                default -> out.putInt(value);
            }
        }
        return Base64.getEncoder().encodeToString(out.array());
    }

    /** What draws a map: {@code embeddingMap(map, options)} gives an element. */
    public static String script() {
        return OneFilePage.resource(EmbeddingMap.class, "map.js");
    }

    /** The style of what it draws. */
    public static String style() {
        return OneFilePage.resource(EmbeddingMap.class, "map.css");
    }
}
