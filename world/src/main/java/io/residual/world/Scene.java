package io.residual.world;

import java.util.List;

/**
 * All that is needed to draw a picture.
 *
 * @param noise deviation of the pixels' noise, as a share of full brightness
 * @param blurred whether pixels are averaged with their neighbours
 * @param attributes what is true of it
 */
record Scene(
        Colour background,
        Texture backgroundTexture,
        List<Thing> things,
        double noise,
        boolean blurred,
        Attributes attributes) {
    Scene {
        things = List.copyOf(things);
    }
}
