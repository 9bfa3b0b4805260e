package io.residual.images;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The first directory of a TIFF, checked before a decoder reads the file: a hundred bytes may claim two thousand
 * million samples, an endless chain of directories, or a million strips. Kinds that the decoder reads differently from
 * Pillow are refused by name.
 */
final class TiffDirectory {
    private static final int WIDTH = 256;
    private static final int LENGTH = 257;
    private static final int BITS = 258;
    private static final int COMPRESSION = 259;
    private static final int PHOTOMETRIC = 262;
    private static final int STRIP_OFFSETS = 273;
    private static final int ORIENTATION = 274;
    private static final int SAMPLES = 277;
    private static final int ROWS_PER_STRIP = 278;
    private static final int STRIP_BYTES = 279;
    private static final int PLANAR = 284;
    private static final int PREDICTOR = 317;
    private static final int COLOUR_MAP = 320;
    private static final int TILE_WIDTH = 322;
    private static final int TILE_LENGTH = 323;
    private static final int TILE_OFFSETS = 324;
    private static final int TILE_BYTES = 325;
    private static final int EXTRA = 338;
    private static final int FORMAT = 339;

    /**
     * The tags that make pixels; all others are taken out, and with them what they point to. The format of samples goes, too: the
     * decoder would fit numbers into a range of its own, and this reads their bits.
     */
    private static final Set<Integer> KEPT = Set.of(
            254,
            WIDTH,
            LENGTH,
            BITS,
            COMPRESSION,
            PHOTOMETRIC,
            266,
            STRIP_OFFSETS,
            SAMPLES,
            ROWS_PER_STRIP,
            STRIP_BYTES,
            PLANAR,
            292,
            293,
            PREDICTOR,
            COLOUR_MAP,
            TILE_WIDTH,
            TILE_LENGTH,
            TILE_OFFSETS,
            TILE_BYTES,
            332,
            EXTRA,
            347,
            529,
            530,
            531,
            532);

    private static final Map<Integer, Integer> SIZES = Map.of(1, 1, 3, 2, 4, 4, 16, 8);
    private static final Map<Long, String> COMPRESSIONS = Map.of(
            1L,
            "none",
            2L,
            "CCITT",
            3L,
            "CCITT group 3",
            4L,
            "CCITT group 4",
            5L,
            "LZW",
            7L,
            "JPEG",
            8L,
            "deflate",
            32773L,
            "PackBits",
            32946L,
            "deflate");
    private static final long MOST_SAMPLES = 32;
    private static final int JPEG = 7;
    private static final int CLASSIC = 42;
    private static final int BIG = 43;

    /** Strips or tiles of one image: the rows of the tallest that classic encoders write, in four planes. */
    private static final long MOST_PARTS = 1 << 18;

    /** Each of these brings a decoder of its own into being. */
    private static final long MOST_JPEG_PARTS = 20_000;

    /** Pixels of a tile, which is decoded whole however small the image. */
    private static final long MOST_TILE = 1 << 24;

    private final byte[] bytes;
    private final ByteBuffer file;
    private final boolean big;
    private final long directory;
    private final Map<Integer, long[]> values = new HashMap<>();

    private TiffDirectory(byte[] bytes, ByteBuffer file, boolean big, long directory) {
        this.bytes = bytes;
        this.file = file;
        this.big = big;
        this.directory = directory;
    }

    /** Whether a file begins like a TIFF. */
    private static @Nullable ByteOrder order(byte[] bytes) {
        if (bytes.length < 8 || bytes[0] != bytes[1] || (bytes[0] != 'I' && bytes[0] != 'M')) {
            return null;
        }
        return bytes[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    }

    /**
     * Reads and checks it; null for a file that is no TIFF.
     *
     * @throws IllegalArgumentException if it claims what no image has, or is of a kind that is not read
     */
    static @Nullable TiffDirectory of(byte[] bytes, long most) {
        ByteOrder order = order(bytes);
        if (order == null) {
            return null;
        }
        ByteBuffer file = ByteBuffer.wrap(bytes).order(order);
        int version = file.getShort(2);
        if (version != CLASSIC && version != BIG) {
            return null;
        }
        try {
            boolean big = version == BIG;
            long at = big ? file.getLong(8) : Integer.toUnsignedLong(file.getInt(4));
            if (at < 0 || at > bytes.length) {
                throw new IllegalArgumentException("its first directory lies at byte " + at + " of " + bytes.length);
            }
            TiffDirectory directory = new TiffDirectory(bytes, file, big, at);
            directory.read();
            directory.check(most);
            return directory;
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("it ends within its first directory", e);
        }
    }

    private long entries() {
        return big ? file.getLong((int) directory) : Short.toUnsignedLong(file.getShort((int) directory));
    }

    private int first() {
        return (int) directory + (big ? Long.BYTES : Short.BYTES);
    }

    private int entry() {
        return big ? 20 : 12;
    }

    private void read() {
        long entries = entries();
        for (long i = 0; i < entries && first() + i * entry() < bytes.length; i++) {
            int at = (int) (first() + i * entry());
            int tag = Short.toUnsignedInt(file.getShort(at));
            int size = SIZES.getOrDefault((int) file.getShort(at + 2), 0);
            long count = big ? file.getLong(at + 4) : Integer.toUnsignedLong(file.getInt(at + 4));
            int place = at + (big ? 12 : 8);
            if (tag == SAMPLES && count != 1) {
                throw new IllegalArgumentException("it claims " + count + " numbers of samples a pixel");
            }
            if ((!KEPT.contains(tag) && tag != ORIENTATION && tag != FORMAT) || size == 0 || values.containsKey(tag)) {
                continue;
            }
            if (count < 0 || count > bytes.length / size) {
                throw new IllegalArgumentException("its tag " + tag + " claims " + count + " values");
            }
            if (count * size > (big ? Long.BYTES : Integer.BYTES)) {
                long far = big ? file.getLong(place) : Integer.toUnsignedLong(file.getInt(place));
                if (far < 0 || far + count * size > bytes.length) {
                    throw new IllegalArgumentException("the values of its tag " + tag + " lie beyond its end");
                }
                place = (int) far;
            }
            long[] read = new long[(int) count];
            for (int k = 0; k < count; k++) {
                int from = place + k * size;
                read[k] = switch (size) {
                    case 1 -> Byte.toUnsignedLong(file.get(from));
                    case 2 -> Short.toUnsignedLong(file.getShort(from));
                    case 4 -> Integer.toUnsignedLong(file.getInt(from));
                    default -> file.getLong(from);
                };
            }
            values.put(tag, read);
        }
    }

    private long value(int tag, long otherwise) {
        long[] all = values.get(tag);
        return all == null || all.length == 0 ? otherwise : all[0];
    }

    private void check(long most) {
        long samples = value(SAMPLES, 1);
        if (samples < 1 || samples > MOST_SAMPLES) {
            throw new IllegalArgumentException("it claims " + samples + " samples a pixel");
        }
        long width = value(WIDTH, 0);
        long height = value(LENGTH, 0);
        if (width < 1
                || height < 1
                || width > Integer.MAX_VALUE
                || height > Integer.MAX_VALUE
                || width > most / height) {
            return; // the decoder's own words for what has no size; its caller's for what is too large
        }
        checkKind();
        checkParts(width, height);
    }

    /** As what OPEN_INFO lists in Pillow, less what the decoder reads otherwise. */
    private void checkKind() {
        long photometric = value(PHOTOMETRIC, 0);
        long bits = value(BITS, 1);
        long format = value(FORMAT, 1);
        long samples = value(SAMPLES, 1);
        long extra = value(EXTRA, -1);
        boolean planar = value(PLANAR, 1) == 2;
        String compression = COMPRESSIONS.get(value(COMPRESSION, 1));
        if (compression == null) {
            throw refused("compression " + value(COMPRESSION, 1));
        }
        for (long b : values.getOrDefault(BITS, new long[0])) {
            if (b != bits) {
                throw refused("samples of different size");
            }
        }
        if (photometric == 8 || photometric == 9 || photometric == 10) {
            throw refused("colours in L*a*b*");
        }
        boolean plainGrey = photometric == 1 && samples == 1 && value(PREDICTOR, 1) == 1;
        boolean wideGrey = plainGrey
                && (bits == 16 ? format <= 2 : bits == 32 && (format != 1 || file.order() == ByteOrder.LITTLE_ENDIAN));
        if (format != 1 && !wideGrey && !(format == 2 && bits == 8)) {
            throw refused((format == 3 ? "floating-point" : "signed") + " samples of " + bits + " bits");
        }
        boolean small = bits == 1 || bits == 2 || bits == 4 || bits == 8;
        boolean known =
                switch ((int) photometric) {
                    case 0 -> small && samples == 1;
                    case 1 ->
                        samples == 1
                                ? small || bits == 16 || wideGrey
                                : samples == 2 && bits == 8 && extra != 1 && !planar;
                    case 2 ->
                        samples >= 3
                                && samples <= 6
                                && (bits == 8 || (bits == 16 && samples <= 4 && !planar && extra != 1))
                                && !(planar && extra == 1);
                    case 3 -> small && samples == 1;
                    case 5 ->
                        samples == 4
                                ? bits == 8 || (bits == 16 && !planar)
                                : samples >= 5 && samples <= 6 && bits == 8 && !planar;
                    case 6 -> bits == 8 && (samples == 1 || samples == 3);
                    default -> false;
                };
        if (!known) {
            throw refused(samples + " samples a pixel of " + bits + " bits, colours of kind " + photometric
                    + (extra >= 0 ? ", extra samples of kind " + extra : "") + (planar ? ", in planes" : ""));
        }
        if (photometric == 3
                && java.util.Arrays.stream(values.getOrDefault(COLOUR_MAP, new long[0]))
                        .allMatch(v -> v < 256)) {
            throw refused("a colour map of 8 bits");
        }
    }

    private static RefusedImage refused(String what) {
        return new RefusedImage(
                "it is a TIFF with " + what + ", which this program does not read: save it as 8-bit RGB");
    }

    private void checkParts(long width, long height) {
        boolean tiled = values.containsKey(TILE_WIDTH);
        long w = tiled ? value(TILE_WIDTH, width) : width;
        long h = tiled ? value(TILE_LENGTH, height) : Math.min(height, value(ROWS_PER_STRIP, height));
        if (w < 1 || h < 1) {
            throw new IllegalArgumentException("its tiles or strips are " + w + " x " + h);
        }
        if (tiled && (w > Integer.MAX_VALUE || h > Integer.MAX_VALUE || w > MOST_TILE / h)) {
            throw new RefusedImage("its tiles of " + w + " x " + h + " pixels are larger than " + MOST_TILE);
        }
        long planes = value(PLANAR, 1) == 2 ? value(SAMPLES, 1) : 1;
        long parts = ((width + w - 1) / w) * ((height + h - 1) / h) * planes;
        boolean jpeg = value(COMPRESSION, 1) == JPEG;
        long mostParts = jpeg ? MOST_JPEG_PARTS : MOST_PARTS;
        if (parts > mostParts) {
            throw new RefusedImage("it has " + parts + " strips or tiles, more than " + mostParts);
        }
        if (jpeg) {
            checkJpegs(tiled, w, h);
        }
    }

    /** Each part is a JPEG of its own, with scans of its own and a size that it claims for itself. */
    private void checkJpegs(boolean tiled, long w, long h) {
        long[] offsets = values.getOrDefault(tiled ? TILE_OFFSETS : STRIP_OFFSETS, new long[0]);
        long[] lengths = values.getOrDefault(tiled ? TILE_BYTES : STRIP_BYTES, new long[0]);
        long scans = 0;
        long read = 0;
        for (int i = 0; i < offsets.length; i++) {
            long to = i < lengths.length ? offsets[i] + lengths[i] : bytes.length;
            if (offsets[i] < 0 || to < offsets[i] || to > bytes.length) {
                throw new IllegalArgumentException("a strip or tile lies beyond its end");
            }
            read += to - offsets[i];
            if (read > 2L * bytes.length) {
                throw new IllegalArgumentException("its strips or tiles lie upon one another");
            }
            int own = JpegGuard.scans(bytes, offsets[i], to);
            JpegGuard.check(own, w * h);
            scans += own;
        }
        if (scans * w * h > JpegGuard.MAX_WORK) {
            throw new RefusedImage("the " + scans + " scans of its strips or tiles are more than any image has");
        }
    }

    /** How it is to be turned, 1 to 8, or 0 for not at all. */
    int orientation() {
        return (int) Math.min(9, value(ORIENTATION, 0));
    }

    /** What the bits of a sample mean. */
    Samples.Format format() {
        long format = value(FORMAT, 1);
        long bits = value(BITS, 1);
        if (bits <= 8 || (format == 1 && bits == 16)) {
            return Samples.Format.UNSIGNED;
        }
        // Pillow takes 32 bits for signed in any case.
        return format == 3 ? Samples.Format.FLOAT : Samples.Format.SIGNED;
    }

    /** Whether its colours have been multiplied by its alpha. */
    boolean isPremultiplied() {
        return value(EXTRA, -1) == 1;
    }

    /** The file with its first image alone, and of that only what makes pixels. */
    byte[] alone() {
        byte[] out = bytes.clone();
        ByteBuffer to = ByteBuffer.wrap(out).order(file.order());
        int kept = 0;
        long entries = Math.min(entries(), (bytes.length - first()) / entry());
        for (int i = 0; i < entries; i++) {
            int from = first() + i * entry();
            if (KEPT.contains(Short.toUnsignedInt(file.getShort(from)))) {
                System.arraycopy(bytes, from, out, first() + kept++ * entry(), entry());
            }
        }
        if (big) {
            to.putLong((int) directory, kept);
        } else {
            to.putShort((int) directory, (short) kept);
        }
        int next = first() + kept * entry();
        for (int i = next; i < next + (big ? Long.BYTES : Integer.BYTES) && i < out.length; i++) {
            out[i] = 0;
        }
        return out;
    }
}
