package io.residual.world;

import java.util.List;
import java.util.Locale;

/** The twelve colours of things and backgrounds. */
public enum Colour {
    RED(.86, .12, .12),
    GREEN(.15, .65, .20),
    BLUE(.15, .30, .85),
    YELLOW(.95, .85, .15),
    PURPLE(.55, .20, .70),
    ORANGE(.97, .55, .10),
    CYAN(.20, .80, .85),
    PINK(.97, .50, .70),
    WHITE(.95, .95, .95),
    BLACK(.06, .06, .06),
    BROWN(.45, .28, .12),
    GRAY(.50, .50, .50);

    /** All of them. */
    public static final List<Colour> ALL = List.of(values());

    final double red;
    final double green;
    final double blue;

    Colour(double red, double green, double blue) {
        this.red = red;
        this.green = green;
        this.blue = blue;
    }

    /** The word for it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
