package io.residual.images;

/**
 * Bounds the cost of decoding a JPEG before a decoder begins. Every scan goes over the whole image, although an empty
 * one takes only a few bytes of the file. Cameras write one scan, three or ten; optimisers of progressive files a dozen
 * or two.
 */
final class JpegGuard {
    /** Maximum number of scans of one image. */
    static final int MAX_SCANS = 100;

    /** Scans times pixels: 20 scans of the largest image. */
    static final long MAX_WORK = 20 * ImageDecoder.MAX_PIXELS;

    private JpegGuard() {}

    /** Throws {@link RefusedImage} for a valid kind of JPEG that the decoder takes for damage; anything else passes. */
    static void checkKind(byte[] file) {
        if (!Bytes.is(file, 0, "\u00FF\u00D8")) {
            return;
        }
        long at = 2;
        while (at + 9 < file.length && Bytes.at(file, at) == 0xFF) {
            int marker = Bytes.at(file, at + 1);
            if (marker == 0xFF) {
                at++; // fill
                continue;
            }
            boolean frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
            if (frame) {
                int bits = Bytes.at(file, at + 4);
                if (marker > 0xC3 || (marker < 0xC3 && bits != 8)) {
                    throw new RefusedImage("it is a JPEG with "
                            + (marker > 0xC8
                                    ? "arithmetic coding"
                                    : marker > 0xC3 ? "several layers" : bits + " bits a sample")
                            + ", which this program does not read: save it as an ordinary JPEG");
                }
                return;
            }
            at += 2 + Bytes.big16(file, at + 2);
        }
    }

    /** The scans between two places of a file, up to the end of the image. */
    static int scans(byte[] file, long from, long to) {
        int scans = 0;
        long at = from + 2;
        while (at + 1 < to) {
            int marker = Bytes.at(file, at + 1);
            if (Bytes.at(file, at) != 0xFF || marker == 0 || marker == 0xFF) {
                at++; // data of a scan, or what decoders skip as garbage
            } else if (marker == 0xD9) {
                return scans;
            } else if (marker == 1 || (marker >= 0xD0 && marker <= 0xD8)) {
                at += 2;
            } else if (at + 3 < to) {
                scans += marker == 0xDA ? 1 : 0;
                at += 2 + Bytes.big16(file, at + 2);
            } else {
                return scans;
            }
        }
        return scans;
    }

    /** Throws {@link RefusedImage} if an image of so many pixels would take more than any real one. */
    static void check(byte[] file, long pixels) {
        if (Bytes.is(file, 0, "\u00FF\u00D8")) {
            check(scans(file, 0, file.length), pixels);
        }
    }

    static void check(int scans, long pixels) {
        if (scans > MAX_SCANS) {
            throw new RefusedImage("it has " + scans + " scans, more than " + MAX_SCANS);
        }
        if (scans * pixels > MAX_WORK) {
            throw new RefusedImage(
                    "its " + scans + " scans of " + pixels + " pixels are more than " + MAX_WORK + " together");
        }
    }
}
