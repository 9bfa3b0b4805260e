package io.residual.world;

import java.util.List;

/**
 * The description of an image, sufficient to draw it. Immutable.
 *
 * @param light what all brightness is multiplied with; 1 by day
 * @param noise deviation of the pixels' noise, as a share of full brightness
 * @param blurred whether pixels are averaged with their neighbours
 * @param attributes what is true of it
 */
record Scene(
        Colour background,
        Texture backgroundTexture,
        List<Thing> things,
        double light,
        double noise,
        boolean blurred,
        Attributes attributes) {
    Scene {
        things = List.copyOf(things);
    }

    /** The same in other conditions, its things scaled by {@code size}. */
    Scene in(double size, double newNoise, boolean newBlur) {
        List<Thing> scaled = things.stream().map(t -> t.scaled(size)).toList();
        return new Scene(background, backgroundTexture, scaled, light, newNoise, newBlur, attributes);
    }
}
