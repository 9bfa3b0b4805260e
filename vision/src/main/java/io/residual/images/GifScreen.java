package io.residual.images;

import org.jspecify.annotations.Nullable;

/**
 * The position of a GIF's first frame on its screen, and its colours. Pillow's first image is the whole screen: what
 * the frame leaves free has the transparent index, or else the first one; a frame that reaches beyond widens the
 * screen.
 *
 * @param width of the screen, in pixels
 * @param left of the frame on it
 * @param colours three bytes an index, or null for grey levels
 * @param ground the index around the frame
 */
record GifScreen(
        int width,
        int height,
        int left,
        int top,
        int frameWidth,
        int frameHeight,
        byte @Nullable [] colours,
        int ground) {
    /** Reads it. Throws {@link IllegalArgumentException} if there is no frame. */
    static GifScreen of(byte[] file) {
        int width = Bytes.little16(file, 6);
        int height = Bytes.little16(file, 8);
        int flags = Bytes.at(file, 10);
        long at = 13;
        byte[] shared = null;
        if ((flags & 0x80) != 0) {
            shared = colours(file, at, flags);
            at += length(flags);
        }
        int ground = 0;
        while (true) {
            int kind = Bytes.at(file, at);
            if (kind == ';') {
                throw new IllegalArgumentException("it has no frame");
            }
            if (kind == '!') {
                int label = Bytes.at(file, at + 1);
                int size = Bytes.at(file, at + 2);
                if (label == 0xF9 && size >= 4 && (Bytes.at(file, at + 3) & 1) == 1) {
                    ground = Bytes.at(file, at + 6);
                }
                at += 2;
                while (Bytes.at(file, at) != 0) {
                    at += 1 + Bytes.at(file, at);
                }
                at++;
            } else if (kind == ',') {
                int left = Bytes.little16(file, at + 1);
                int top = Bytes.little16(file, at + 3);
                int w = Bytes.little16(file, at + 5);
                int h = Bytes.little16(file, at + 7);
                int own = Bytes.at(file, at + 9);
                byte[] colours = (own & 0x80) == 0 ? shared : colours(file, at + 10, own);
                return new GifScreen(
                        Math.max(width, left + w), Math.max(height, top + h), left, top, w, h, colours, ground);
            } else {
                at++;
            }
        }
    }

    private static int length(int flags) {
        return 3 << ((flags & 7) + 1);
    }

    private static byte[] colours(byte[] file, long at, int flags) {
        byte[] out = new byte[length(flags)];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) Bytes.at(file, at + i);
        }
        return out;
    }

    /** The colour of an index, channel by channel; what no table holds is black. */
    byte colour(int index, int channel) {
        if (colours == null) {
            return (byte) index;
        }
        int at = index * 3 + channel;
        return at < colours.length ? colours[at] : 0;
    }
}
