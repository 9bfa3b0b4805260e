package io.residual.spark;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.ipc.RemoteException;
import org.jspecify.annotations.Nullable;

/**
 * The images of some pieces, one after the other; never more than one piece is open. What is missing or damaged becomes an
 * image with a problem, and the rest goes on; what fails for another reason (a network) fails the task, which Spark tries again.
 */
final class ImageStream implements Iterator<RawImage>, AutoCloseable {
    private static final int MOST_BYTES = 100 << 20;
    private static final int BUFFER = 1 << 20;

    /** The images of a piece of work. */
    interface Rows extends AutoCloseable {
        /** The next image, or null at the end. */
        @Nullable
        RawImage next() throws IOException;

        /** The number of remaining images; -1 if unknown. */
        long left();

        @Override
        void close() throws IOException;
    }

    private final Iterator<Piece> pieces;
    private final Configuration configuration;
    private final String labelColumn;
    private @Nullable Rows rows;
    private @Nullable Piece piece;
    private @Nullable RawImage next;

    ImageStream(Iterator<Piece> pieces, Configuration configuration, String labelColumn) {
        this.pieces = pieces;
        this.configuration = configuration;
        this.labelColumn = labelColumn;
    }

    @Override
    public boolean hasNext() {
        while (next == null) {
            Rows open = rows;
            Piece current = piece;
            if (open != null && current != null) {
                next = read(open, current);
                if (next == null) {
                    close();
                }
            } else if (pieces.hasNext()) {
                next = start(pieces.next());
            } else {
                return false;
            }
        }
        return true;
    }

    private @Nullable RawImage start(Piece from) {
        String known = from.problem();
        if (known != null) {
            return RawImage.failed(from.path(), from.label(), known);
        }
        try {
            switch (from.kind()) {
                case IMAGE -> {
                    return RawImage.of(from.path(), from.label(), bytes(from.path()));
                }
                case PARQUET -> rows = new RowGroup(from, configuration, labelColumn);
                case TAR -> rows = new TarImages(from.path(), open(from.path()));
            }
            piece = from;
            return null;
        } catch (IOException | RuntimeException e) {
            return problem(from, from.kind() == Piece.Kind.PARQUET ? from.rows() : -1, e);
        }
    }

    private @Nullable RawImage read(Rows open, Piece from) {
        try {
            return open.next();
        } catch (IOException | RuntimeException e) {
            RawImage said = problem(from, open.left(), e);
            close(); // what comes after the damage cannot be found
            return said;
        }
    }

    private FSDataInputStream open(String path) throws IOException {
        Path file = new Path(path);
        return file.getFileSystem(configuration).open(file, BUFFER);
    }

    private byte[] bytes(String path) throws IOException {
        try (FSDataInputStream in = open(path)) {
            byte[] content = ((InputStream) in).readNBytes(MOST_BYTES + 1);
            if (content.length > MOST_BYTES) {
                throw new IOException("over " + MOST_BYTES + " bytes");
            }
            return content;
        }
    }

    /** Whether a failure is transient: the network, a name server, an interrupted thread. */
    private static boolean passing(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof InterruptedIOException
                    || cause instanceof ClosedByInterruptException
                    || cause instanceof RemoteException
                    || cause.getClass().getName().startsWith("java.net.")) {
                return true;
            }
        }
        return Thread.currentThread().isInterrupted();
    }

    /** Fails the task for what may go better when it is tried again. */
    static void throwIfPassing(String path, Exception e) {
        if (passing(e)) {
            throw e instanceof IOException io
                    ? new UncheckedIOException("cannot read " + path + ": " + e.getMessage(), io)
                    : (RuntimeException) e;
        }
    }

    private static RawImage problem(Piece piece, long left, Exception e) {
        throwIfPassing(piece.path(), e);
        boolean gone = e instanceof FileNotFoundException;
        String what = gone ? "there no more" : String.valueOf(e.getMessage());
        String lost =
                left > 0 ? "its next " + left + " rows" : piece.kind() == Piece.Kind.IMAGE ? "" : "the rest of it";
        return RawImage.failed(
                piece.path(),
                piece.label(),
                "cannot be read (" + what + ")" + (lost.isEmpty() ? "" : "; " + lost + " left out"));
    }

    @Override
    public RawImage next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        RawImage given = next;
        next = null;
        return Objects.requireNonNull(given);
    }

    @Override
    public void close() {
        Rows open = rows;
        rows = null;
        piece = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot close: " + e.getMessage(), e);
            }
        }
    }
}
