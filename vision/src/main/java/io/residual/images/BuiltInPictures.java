package io.residual.images;

import java.util.ArrayList;
import java.util.List;

/** Pictures that a formula defines, the same in golden/make_vectors.py: broad, tall and square, smooth and rough. */
public final class BuiltInPictures {
    private static final long MIX = 2654435761L;

    private BuiltInPictures() {}

    /** All three. */
    public static List<Picture> all() {
        List<Picture> pictures = new ArrayList<>();
        pictures.add(picture(83, 62));
        pictures.add(picture(62, 83));
        pictures.add(square());
        return pictures;
    }

    /** The square one. */
    public static Picture square() {
        return picture(64, 64);
    }

    private static Picture picture(int w, int h) {
        byte[] rgb = new byte[w * h * 3];
        for (int i = 0; i < rgb.length; i++) {
            int c = i % 3;
            long x = i / 3 % w;
            long y = i / 3 / w;
            long rough = ((x * 31 + y * 17 + c) * MIX) >> 11;
            rgb[i] = (byte) ((x * x * 3 + y * (x + 7) * 5 + c * 97L + rough) % 256);
        }
        return new Picture(w, h, rgb);
    }
}
