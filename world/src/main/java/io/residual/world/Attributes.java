package io.residual.world;

import org.jspecify.annotations.Nullable;

/**
 * All attributes of an image.
 *
 * @param kind of its things; all things in an image are alike
 * @param colour of its things
 * @param texture of its things
 * @param large whether a single thing fills much of the image
 * @param place the cell of a single small thing, else null
 * @param count how many things, 1 to 4
 * @param background its colour
 * @param backgroundTexture its texture
 */
public record Attributes(
        Kind kind,
        Colour colour,
        Texture texture,
        boolean large,
        @Nullable Place place,
        int count,
        Colour background,
        Texture backgroundTexture) {}
