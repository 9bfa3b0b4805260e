package io.residual.images;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A file in memory that ends a decoder which has computed too long. Processor time counts, not the clock, so that a busy machine
 * reads the same images as an idle one. What a decoder may cost is bounded beforehand by pixels, scans and parts; this is for
 * what nobody thought of.
 */
final class BoundedStream extends ImageInputStreamImpl {
    /** Processor time of one image; a hundred million pixels take a tenth of it. */
    static final long MAX_NANOS = 60_000_000_000L;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final byte[] bytes;
    private final long start = now();

    BoundedStream(byte[] bytes) {
        this.bytes = bytes;
    }

    private static long now() {
        return THREADS.isCurrentThreadCpuTimeSupported() ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
    }

    /** Whether the processor time is used up. */
    boolean isOver() {
        return now() - start > MAX_NANOS;
    }

    private void check() throws IOException {
        checkClosed();
        bitOffset = 0;
    }

    @Override
    public int read() throws IOException {
        check();
        return streamPos < bytes.length ? bytes[(int) streamPos++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        check();
        if (isOver()) {
            throw new IOException("it computed too long");
        }
        if (length == 0) {
            return 0;
        }
        if (streamPos >= bytes.length) {
            return -1;
        }
        int count = (int) Math.min(length, bytes.length - streamPos);
        System.arraycopy(bytes, (int) streamPos, target, offset, count);
        streamPos += count;
        return count;
    }

    @Override
    public long length() {
        return bytes.length;
    }
}
