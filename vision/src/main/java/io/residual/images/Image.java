package io.residual.images;

/**
 * A decoded image.
 *
 * @param rgb height · width · 3 bytes, row by row, red first
 */
public record Image(int width, int height, byte[] rgb) {
    public Image {
        if (width <= 0 || height <= 0 || rgb.length != Math.multiplyExact(Math.multiplyExact(width, height), 3)) {
            throw new IllegalArgumentException(width + " x " + height + " image of " + rgb.length + " bytes");
        }
    }

    /** A channel's value at a pixel, 0 to 255. */
    public int at(int x, int y, int channel) {
        return rgb[(y * width + x) * 3 + channel] & 0xFF;
    }
}
