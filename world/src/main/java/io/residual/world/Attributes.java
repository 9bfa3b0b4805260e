package io.residual.world;

import org.jspecify.annotations.Nullable;

/**
 * All attributes of an image.
 *
 * @param kind kind of its objects; all objects of an image are alike
 * @param colour colour of its objects
 * @param texture texture of its objects
 * @param large whether a single object fills much of the image
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
