package io.residual.world;

import io.residual.images.Picture;
import io.residual.images.PictureSource;
import java.util.function.IntFunction;

/**
 * Pictures drawn when asked for, of no class: every label is 0.
 *
 * @param prefix of their names
 * @param draw draws picture {@code i}
 */
record UnlabelledPictures(String prefix, int size, IntFunction<Picture> draw) implements PictureSource {
    @Override
    public int label(int i) {
        return 0;
    }

    @Override
    public String name(int i) {
        return prefix + "#" + i;
    }

    @Override
    public Picture read(int i) {
        return draw.apply(i);
    }
}
