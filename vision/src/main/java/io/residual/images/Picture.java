package io.residual.images;

/**
 * A decoded picture.
 *
 * @param rgb height · width · 3 bytes, row by row, red first
 */
public record Picture(int width, int height, byte[] rgb) {
    public Picture {
        if (width <= 0 || height <= 0 || rgb.length != Math.multiplyExact(Math.multiplyExact(width, height), 3)) {
            throw new IllegalArgumentException(width + " x " + height + " picture of " + rgb.length + " bytes");
        }
    }

    /** A channel's value at a pixel, 0 to 255. */
    public int at(int x, int y, int channel) {
        return rgb[(y * width + x) * 3 + channel] & 0xFF;
    }
}
