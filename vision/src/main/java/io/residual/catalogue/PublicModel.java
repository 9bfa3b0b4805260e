package io.residual.catalogue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A public model of a family that is read here, with what its makers or others published about it. Immutable.
 *
 * @param name on the hub
 * @param kit the conformance kit that verifies its family
 * @param imageSize side of the input in pixels
 * @param patchSize side of a patch
 * @param width d
 * @param layers L
 * @param heads H
 * @param mlp width of an MLP's hidden layer
 * @param leadingTokens class token and registers
 * @param pooled whether attention pools all tokens
 * @param gated whether MLPs are gated
 * @param data what it was trained on
 * @param licence of the weights; empty if it could not be looked up
 * @param measure what {@code imagenet} is: {@code zero-shot}, {@code k-NN}, or empty
 * @param imagenet published accuracy on ImageNet in percent, or null
 * @param average published mean accuracy on OpenCLIP's 38 data sets in percent, or null
 * @param source where those stand: a key of {@link #sources()}
 */
public record PublicModel(
        String name,
        String family,
        String kit,
        int imageSize,
        int patchSize,
        int width,
        int layers,
        int heads,
        int mlp,
        int leadingTokens,
        boolean pooled,
        boolean gated,
        String data,
        String licence,
        String measure,
        @Nullable Double imagenet,
        @Nullable Double average,
        String source) {
    private static final String RESOURCE = "public-models.tsv";

    /** Where the published numbers stand. */
    public record Source(String address, String what) {}

    /** The table of models, in the order of families and sizes. */
    public static List<PublicModel> all() {
        List<PublicModel> all = new ArrayList<>();
        boolean header = true;
        for (String line : lines()) {
            if (line.startsWith("#")) {
                continue;
            }
            if (!header) {
                all.add(of(line.split("\t", -1)));
            }
            header = false;
        }
        return List.copyOf(all);
    }

    /** The sources of the published numbers, by key. */
    public static Map<String, Source> sources() {
        Map<String, Source> sources = new LinkedHashMap<>();
        for (String line : lines()) {
            if (line.startsWith("#! ")) {
                String[] parts = line.substring(3).split("\t", -1);
                sources.put(parts[0], new Source(parts[1], parts[2]));
            }
        }
        return sources;
    }

    private static List<String> lines() {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(PublicModel.class.getResourceAsStream(RESOURCE), RESOURCE),
                StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the resource " + RESOURCE, e);
        }
    }

    private static PublicModel of(String... f) {
        return new PublicModel(
                f[0],
                f[1],
                f[2],
                Integer.parseInt(f[3]),
                Integer.parseInt(f[4]),
                Integer.parseInt(f[5]),
                Integer.parseInt(f[6]),
                Integer.parseInt(f[7]),
                Integer.parseInt(f[8]),
                Integer.parseInt(f[9]),
                f[10].equals("1"),
                f[11].equals("1"),
                f[12],
                f[13],
                f[14],
                f[15].isEmpty() ? null : Double.valueOf(f[15]),
                f[16].isEmpty() ? null : Double.valueOf(f[16]),
                f[17]);
    }

    /** Patches, class token and registers. */
    public int tokens() {
        int side = imageSize / patchSize;
        return side * side + leadingTokens;
    }

    /** Millions of parameters of the image tower, without what reads the tokens. */
    public double millions() {
        double block = 4.0 * width * width + (gated ? 3.0 : 2.0) * width * mlp;
        return (layers * block + 3.0 * patchSize * patchSize * width) / 1e6;
    }

    /**
     * Floating-point operations of the image tower for an image, in 10⁹, a multiplication and an addition counted as two: patches,
     * attention and MLPs of every token.
     */
    public double gflops() {
        double t = tokens();
        double d = width;
        double block = 4 * t * d * d + 2 * t * t * d + (gated ? 3 : 2) * t * d * mlp;
        double patches = (t - leadingTokens) * 3 * patchSize * patchSize * d;
        double pooling = pooled ? 2.0 * t * d * heads + 3 * d * d + 2 * d * mlp : 0;
        return 2 * (patches + layers * block + pooling) / 1e9;
    }

    /** The row as JSON, what is not known as null. */
    public ObjectNode json() {
        return Json.object()
                .put("name", name)
                .put("family", family)
                .put("verified_by", kit)
                .put("image_size", imageSize)
                .put("patch_size", patchSize)
                .put("width", width)
                .put("layers", layers)
                .put("heads", heads)
                .put("parameters", millions())
                .put("gflops", gflops())
                .put("data", data)
                .put("licence", licence.isEmpty() ? null : licence)
                .put("measure", measure.isEmpty() ? null : measure)
                .put("imagenet", imagenet)
                .put("average_38", average)
                .put("source", source);
    }
}
