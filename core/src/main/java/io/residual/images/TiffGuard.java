package io.residual.images;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a TIFF claims of its first picture, looked at before a decoder believes it: the number of samples a pixel is the size of arrays there,
 * and a file of a hundred bytes may claim two thousand million.
 */
final class TiffGuard {
    private static final int SAMPLES_PER_PIXEL = 277;
    private static final long MOST_SAMPLES = 32;
    private static final int SHORT = 3;
    private static final int CLASSIC = 42;
    private static final int BIG = 43;

    private TiffGuard() {}

    /** Throws {@link IllegalArgumentException} if a TIFF claims what no picture has; anything else passes. */
    static void check(byte[] bytes) {
        if (bytes.length < 8 || bytes[0] != bytes[1] || (bytes[0] != 'I' && bytes[0] != 'M')) {
            return;
        }
        ByteBuffer file =
                ByteBuffer.wrap(bytes).order(bytes[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int version = file.getShort(2);
        if (version != CLASSIC && version != BIG) {
            return;
        }
        boolean big = version == BIG;
        try {
            long at = big ? file.getLong(8) : Integer.toUnsignedLong(file.getInt(4));
            if (at < 0 || at > bytes.length) {
                throw new IllegalArgumentException("its first directory lies at byte " + at + " of " + bytes.length);
            }
            file.position((int) at);
            long entries = big ? file.getLong() : Short.toUnsignedLong(file.getShort());
            for (long i = 0; i < entries && file.hasRemaining(); i++) {
                int tag = Short.toUnsignedInt(file.getShort());
                int type = file.getShort();
                long count = big ? file.getLong() : Integer.toUnsignedLong(file.getInt());
                int value = file.position();
                if (tag == SAMPLES_PER_PIXEL) {
                    long samples = type == SHORT
                            ? Short.toUnsignedLong(file.getShort(value))
                            : Integer.toUnsignedLong(file.getInt(value));
                    if (count != 1 || samples > MOST_SAMPLES) {
                        throw new IllegalArgumentException("it claims " + samples + " samples a pixel");
                    }
                }
                file.position(value + (big ? Long.BYTES : Integer.BYTES));
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("it ends within its first directory", e);
        }
    }
}
