package io.residual.images;

import java.util.ArrayList;
import java.util.List;

/** Images that a formula defines, the same in golden/make_vectors.py: broad, tall and square, smooth and rough. */
public final class BuiltInImages {
    private static final long MIX = 2654435761L;

    private BuiltInImages() {}

    /** All three images. */
    public static List<Image> all() {
        List<Image> images = new ArrayList<>();
        images.add(image(83, 62));
        images.add(image(62, 83));
        images.add(square());
        return images;
    }

    /** The square image. */
    public static Image square() {
        return image(64, 64);
    }

    private static Image image(int w, int h) {
        byte[] rgb = new byte[w * h * 3];
        for (int i = 0; i < rgb.length; i++) {
            int c = i % 3;
            long x = i / 3 % w;
            long y = i / 3 / w;
            long rough = ((x * 31 + y * 17 + c) * MIX) >> 11;
            rgb[i] = (byte) ((x * x * 3 + y * (x + 7) * 5 + c * 97L + rough) % 256);
        }
        return new Image(w, h, rgb);
    }
}
