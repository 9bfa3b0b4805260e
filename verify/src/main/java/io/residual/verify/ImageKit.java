package io.residual.verify;

import io.residual.images.Image;
import io.residual.images.ImageDecoder;
import io.residual.images.Orientation;
import io.residual.images.Preprocessing;
import io.residual.images.Resampling;
import io.residual.images.UnreadableImageException;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.weights.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Image files with what Pillow reads from them, not turned ({@code NAME.decoded} [h, w, 3]), and what open_clip hands to a tower of
 * 224 pixels ({@code NAME.clip224} [3, 224, 224], before normalisation), and files that must be refused.
 */
final class ImageKit {
    /** Levels of 255, largest difference, where decoding is defined bit by bit; the resize may round differently. */
    private static final double LOSSLESS = 2;

    /** Levels of 255, mean difference, where decoders are free in their rounding. */
    private static final double LOSSY = .5;

    /** Levels of 255 at any one place, where decoders are free in their rounding. */
    private static final double LOSSY_LARGEST = 32;

    private static final int SIDE = 224;
    private static final String DECODED = ".decoded";
    private static final String PREPARED = ".clip224";

    private ImageKit() {}

    static List<Check> verify(Path kit) {
        Preprocessing clip = new Preprocessing(
                Preprocessing.Resize.SHORTEST_EDGE,
                SIDE,
                SIDE,
                Resampling.BICUBIC,
                SIDE,
                SIDE,
                Preprocessing.CLIP_MEAN,
                Preprocessing.CLIP_DEVIATION);
        List<Check> checks = new ArrayList<>();
        try (SafetensorsFile expected = SafetensorsFile.open(kit.resolve("expected.safetensors"));
                NativeScope scope = NativeScope.inference()) {
            for (String name : new TreeSet<>(expected.names())) {
                String file = name.replaceFirst("\\.(decoded|clip224)$", "");
                int[] want = Tensors.ints(expected.read(name));
                checks.add(compare(name, file, kit.resolve("good").resolve(file), want, clip));
            }
        }
        for (Path file : files(kit.resolve("bad"))) {
            checks.add(refusal(file));
        }
        return checks;
    }

    private static Check compare(String name, String file, Path path, int[] want, Preprocessing clip) {
        boolean lossy = file.endsWith(".jpg") || file.endsWith("lossy.webp");
        double tolerance = lossy ? LOSSY : LOSSLESS;
        String note = lossy ? "mean, levels of 255" : "largest, levels of 255";
        int[] got;
        try {
            Image image = ImageDecoder.decode(path, Orientation.STORED);
            if (name.endsWith(DECODED)) {
                got = bytes(image);
            } else if (name.endsWith(PREPARED)) {
                got = planes(clip.fit(image));
            } else {
                return new Check(name, Double.NaN, tolerance, "this program does not compute it");
            }
        } catch (UnreadableImageException e) {
            return new Check(name, Double.NaN, tolerance, String.valueOf(e.getMessage()));
        }
        if (got.length != want.length) {
            return new Check(name, Double.NaN, tolerance, got.length + " numbers where the kit has " + want.length);
        }
        double largest = 0;
        double sum = 0;
        for (int i = 0; i < got.length; i++) {
            int difference = Math.abs(got[i] - want[i]);
            largest = Math.max(largest, difference);
            sum += difference;
        }
        if (lossy && largest > LOSSY_LARGEST) {
            return new Check(name, largest, LOSSY_LARGEST, "largest, levels of 255");
        }
        return new Check(name, lossy ? sum / got.length : largest, tolerance, note);
    }

    private static Check refusal(Path file) {
        String quantity = "refused " + file.getFileName();
        try {
            Image image = ImageDecoder.decode(file);
            String size = image.width() + " x " + image.height();
            return new Check(quantity, Double.NaN, 0, "accepted as an image of " + size + " pixels");
        } catch (UnreadableImageException e) {
            return new Check(quantity, 0, 0, String.valueOf(e.getMessage()));
        }
    }

    private static int[] bytes(Image image) {
        int[] out = new int[image.rgb().length];
        for (int i = 0; i < out.length; i++) {
            out[i] = image.rgb()[i] & 0xFF;
        }
        return out;
    }

    private static int[] planes(Image image) {
        int area = image.width() * image.height();
        int[] out = new int[3 * area];
        for (int i = 0; i < out.length; i++) {
            out[i] = image.rgb()[i % area * 3 + i / area] & 0xFF;
        }
        return out;
    }

    private static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder + ": " + e.getMessage(), e);
        }
    }
}
