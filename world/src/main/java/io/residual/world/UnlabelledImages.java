package io.residual.world;

import io.residual.images.Image;
import io.residual.images.ImageSource;
import java.util.function.IntFunction;

/**
 * Images drawn on demand, without classes: every label is 0.
 *
 * @param prefix of their names
 * @param draw draws image {@code i}
 */
record UnlabelledImages(String prefix, int size, IntFunction<Image> draw) implements ImageSource {
    @Override
    public int label(int i) {
        return 0;
    }

    @Override
    public String name(int i) {
        return prefix + "#" + i;
    }

    @Override
    public Image read(int i) {
        return draw.apply(i);
    }
}
