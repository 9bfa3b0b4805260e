package io.residual.images;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The orientation that a JPEG, PNG or WebP file states, found where Pillow's {@code getexif} finds it: in EXIF, or else in XMP.
 * Metadata that cannot be read states none; it never makes an image unreadable.
 */
final class OrientationTag {
    private static final int TAG = 274;
    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int ENTRY = 12;
    private static final String EXIF = "Exif\0\0";
    private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";
    private static final Pattern IN_XMP = Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");

    private final byte[] file;
    private int exif;
    private int xmp;

    private OrientationTag(byte[] file) {
        this.file = file;
    }

    /** 1 to 8, or 0 where the file states none. */
    static int of(byte[] file) {
        OrientationTag tag = new OrientationTag(file);
        try {
            if (Bytes.is(file, 0, "\u00FF\u00D8")) {
                tag.jpeg();
            } else if (Bytes.is(file, 0, "\u0089PNG")) {
                tag.png();
            } else if (Bytes.is(file, 0, "RIFF") && Bytes.is(file, 8, "WEBP")) {
                tag.webp();
            }
        } catch (IllegalArgumentException e) {
            // Broken off; what was found until there counts.
        }
        return tag.exif != 0 ? tag.exif : tag.xmp;
    }

    private void jpeg() {
        long at = 2;
        while (Bytes.at(file, at) == 0xFF && Bytes.at(file, at + 1) != 0xDA) {
            long next = at + 2 + Bytes.big16(file, at + 2);
            if (Bytes.at(file, at + 1) == 0xE1 && next <= file.length) {
                if (Bytes.is(file, at + 4, EXIF)) {
                    exif(at + 4 + EXIF.length(), next);
                } else if (Bytes.is(file, at + 4, XMP)) {
                    xmp(at + 4 + XMP.length(), next);
                }
            }
            at = next;
        }
    }

    private void png() {
        long at = 8;
        while (at + 12 <= file.length) {
            long from = at + 8;
            long to = from + Bytes.big32(file, at);
            if (to > file.length) {
                return;
            }
            if (Bytes.is(file, at + 4, "eXIf")) {
                exif(Bytes.is(file, from, EXIF) ? from + EXIF.length() : from, to);
            } else if (Bytes.is(file, at + 4, "iTXt") && Bytes.is(file, from, "XML:com.adobe.xmp\0\0")) {
                xmp(from, to);
            }
            at = to + 4;
        }
    }

    private void webp() {
        long at = 12;
        while (at + 8 <= file.length) {
            long from = at + 8;
            long to = from + Bytes.little32(file, at + 4);
            if (to > file.length) {
                return;
            }
            if (Bytes.is(file, at, "EXIF")) {
                exif(Bytes.is(file, from, EXIF) ? from + EXIF.length() : from, to);
            } else if (Bytes.is(file, at, "XMP ")) {
                xmp(from, to);
            }
            at = to + (to - from & 1);
        }
    }

    private void xmp(long from, long to) {
        Matcher matcher = IN_XMP.matcher(Bytes.text(file, from, to));
        if (xmp == 0 && matcher.find()) {
            xmp = matcher.group(1).charAt(0) - '0';
        }
    }

    /** The first directory of a TIFF file within the file. */
    private void exif(long from, long to) {
        boolean big = Bytes.is(file, from, "MM");
        if (exif != 0 || (!big && !Bytes.is(file, from, "II"))) {
            return;
        }
        long directory = from + number(big, true, from + 4);
        if (directory + 2 > to) {
            return;
        }
        long entries = number(big, false, directory);
        for (long i = 0; i < entries && directory + 2 + (i + 1) * ENTRY <= to; i++) {
            long at = directory + 2 + i * ENTRY;
            if (number(big, false, at) == TAG) {
                long type = number(big, false, at + 2);
                if (type == SHORT || type == LONG) {
                    long value = number(big, type == LONG, at + 8);
                    exif = value >= 1 && value <= 8 ? (int) value : 0;
                }
                return;
            }
        }
    }

    private long number(boolean big, boolean wide, long at) {
        if (wide) {
            return big ? Bytes.big32(file, at) : Bytes.little32(file, at);
        }
        return big ? Bytes.big16(file, at) : Bytes.little16(file, at);
    }
}
