package io.residual.images;

/**
 * The portable bit, grey and colour maps, P1 to P6, as Pillow reads them: levels are scaled to 255 and rounded half to even; grey
 * of more than 255 levels is scaled to 65535 and then clipped at 255.
 */
final class PnmDecoder {
    private static final int MOST_DIGITS = 10;
    private static final int MOST_LEVELS = 65535;

    private final byte[] file;
    private int at = 2;

    private PnmDecoder(byte[] file) {
        this.file = file;
    }

    /** Whether a file begins like one. */
    static boolean isOne(byte[] file) {
        return file.length > 2 && file[0] == 'P' && file[1] >= '1' && file[1] <= '6' && isSpace(file[2]);
    }

    /** Decodes it, its size checked before anything of that size is allocated. */
    static Image decode(byte[] file, String name, long most) throws UnreadableImageException {
        return new PnmDecoder(file).read(name, most);
    }

    private Image read(String name, long most) throws UnreadableImageException {
        int kind = file[1] - '0';
        int width = number("width");
        int height = number("height");
        if ((long) width * height > most) {
            throw UnreadableImageException.tooLarge(name, width, height, most);
        }
        boolean bits = kind == 1 || kind == 4;
        int bands = kind == 3 || kind == 6 ? 3 : 1;
        int levels = bits ? 1 : number("largest level");
        if (levels > MOST_LEVELS) {
            throw new IllegalArgumentException("its largest level is " + levels + ", more than " + MOST_LEVELS);
        }
        byte[] rgb = new byte[Math.multiplyExact(width * height, 3)];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int b = 0; b < bands; b++) {
                    int to = (y * width + x) * 3 + b;
                    rgb[to] = (byte) (kind == 4 ? bit(y, x, width) : level(sample(kind, levels), levels, bands, bits));
                    if (bands == 1) {
                        rgb[to + 1] = rgb[to];
                        rgb[to + 2] = rgb[to];
                    }
                }
            }
        }
        return new Image(width, height, rgb);
    }

    private int bit(int y, int x, int width) {
        int of = Bytes.at(file, at + (long) y * ((width + 7) / 8) + x / 8);
        return (of >> (7 - x % 8) & 1) == 1 ? 0 : 255;
    }

    private int sample(int kind, int levels) {
        if (kind >= 5) {
            int value = levels > 255 ? Bytes.big16(file, at) : Bytes.at(file, at);
            at += levels > 255 ? 2 : 1;
            return value;
        }
        if (kind == 1) {
            skip();
            int digit = Bytes.at(file, at++) - '0';
            if (digit != 0 && digit != 1) {
                throw new IllegalArgumentException("a pixel at byte " + (at - 1) + " is neither 0 nor 1");
            }
            return digit;
        }
        int value = digits("a level");
        if (value > levels) {
            throw new IllegalArgumentException("a level of " + value + ", more than its largest, " + levels);
        }
        return value;
    }

    private static int level(int value, int levels, int bands, boolean bits) {
        if (bits) {
            return value == 1 ? 0 : 255;
        }
        boolean wide = bands == 1 && levels > 255;
        double scaled = wide ? MOST_LEVELS : 255;
        return (int) Math.min(255, Math.rint((double) value / levels * scaled));
    }

    /** A positive number of the header, and the one white space behind it. */
    private int number(String what) {
        int value = digits(what);
        if (value == 0) {
            throw new IllegalArgumentException("its " + what + " is 0");
        }
        at++;
        return value;
    }

    private int digits(String what) {
        skip();
        long value = 0;
        int from = at;
        while (at < file.length && file[at] >= '0' && file[at] <= '9' && at - from < MOST_DIGITS) {
            value = value * 10 + file[at++] - '0';
        }
        boolean ends = at == file.length || isSpace(file[at]) || file[at] == '#';
        if (at == from && at >= file.length) {
            throw new IllegalArgumentException("truncated");
        }
        if (at == from || !ends || value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(what + " at byte " + from + " is not a number");
        }
        return (int) value;
    }

    /** White space and comments. */
    private void skip() {
        while (at < file.length && (isSpace(file[at]) || file[at] == '#')) {
            if (file[at] == '#') {
                while (at < file.length && file[at] != '\n' && file[at] != '\r') {
                    at++;
                }
            } else {
                at++;
            }
        }
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || (b >= '\t' && b <= '\r');
    }
}
