package io.residual.world;

import java.util.List;
import java.util.Locale;

/** The nine cells of an image. */
public enum Place {
    TOP_LEFT,
    TOP,
    TOP_RIGHT,
    LEFT,
    CENTER,
    RIGHT,
    BOTTOM_LEFT,
    BOTTOM,
    BOTTOM_RIGHT;

    /** All of them. */
    public static final List<Place> ALL = List.of(values());

    /** Centre of the cell, across, as a share of the image. */
    double x() {
        return .22 + .28 * (ordinal() % 3);
    }

    /** Centre of the cell, down. */
    double y() {
        int row = ordinal() / 3;
        return .22 + .28 * row;
    }

    /** The words for it. */
    public String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
