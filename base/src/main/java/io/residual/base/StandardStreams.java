package io.residual.base;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Standard output and error of a command, in UTF-8 whatever the locale. A result that cannot be written must not look like one that was:
 * the first failure ends the command through {@link Failed} and decides its exit code. What could move a terminal's cursor is
 * escaped ({@link Printable#lines}).
 */
public final class StandardStreams {
    /** The exit code that shells report for a program that wrote to a closed pipe. */
    private static final int PIPE_CLOSED = 141;

    private static final int FAILED = 1;

    /** Standard output cannot be written. */
    public static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(IOException cause) {
            super("standard output: " + cause.getMessage(), cause);
        }
    }

    private final Watched watched;
    private final PrintWriter out;
    private final PrintWriter err;

    /** These streams. Closing them is the caller's. */
    public StandardStreams(OutputStream out, OutputStream err) {
        this.watched = new Watched(out);
        this.out = writer(watched);
        this.err = writer(err);
    }

    /** The streams of this process. Also sets {@link System#err} to UTF-8, for the log output of libraries. */
    public static StandardStreams ofProcess() {
        FileOutputStream error = new FileOutputStream(FileDescriptor.err);
        System.setErr(new PrintStream(error, true, StandardCharsets.UTF_8));
        return new StandardStreams(new FileOutputStream(FileDescriptor.out), error);
    }

    private static PrintWriter writer(OutputStream stream) {
        return new PrintWriter(new Guarded(new OutputStreamWriter(stream, StandardCharsets.UTF_8)), true);
    }

    /** Results. Throws {@link Failed} when they cannot be written. */
    public PrintWriter out() {
        return out;
    }

    /** Messages. Nobody could be told that they cannot be written. */
    public PrintWriter err() {
        return err;
    }

    /**
     * Writes what is left.
     *
     * @param program its name, for the message
     * @param code the exit code of the command
     * @return the exit code of the process: as given if all of the output was written. A reader that has gone away, such as {@code
     *     head}, is not told anything
     */
    public int finish(String program, int code) {
        try {
            out.flush();
        } catch (Failed e) {
            watched.failure = e;
        }
        Failed failure = watched.failure;
        if (failure == null) {
            err.flush();
            return code;
        }
        if (String.valueOf(failure.getMessage()).contains("Broken pipe")) {
            return PIPE_CLOSED;
        }
        err.println(program + ": " + failure.getMessage() + "; the output is incomplete");
        err.flush();
        return FAILED;
    }

    /** Remembers its first failure and does not try again. */
    private static final class Watched extends OutputStream {
        private final OutputStream to;
        private @Nullable Failed failure;

        Watched(OutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            attempt(() -> to.write(bytes, from, length));
        }

        @Override
        public void flush() {
            attempt(to::flush);
        }

        private void attempt(Attempt work) {
            if (failure != null) {
                throw failure;
            }
            try {
                work.run();
            } catch (IOException e) {
                failure = new Failed(e);
                throw failure;
            }
        }
    }

    private interface Attempt {
        void run() throws IOException;
    }

    /** Escapes what could move the cursor. */
    private static final class Guarded extends Writer {
        private final Writer to;
        private char high;

        Guarded(Writer to) {
            this.to = to;
        }

        @Override
        public void write(char[] characters, int from, int length) throws IOException {
            String text = new String(characters, from, length);
            if (high != 0) { // a pair may come in two writes
                text = high + text;
                high = 0;
            }
            if (!text.isEmpty() && Character.isHighSurrogate(text.charAt(text.length() - 1))) {
                high = text.charAt(text.length() - 1);
                text = text.substring(0, text.length() - 1);
            }
            to.write(Printable.lines(text));
        }

        @Override
        public void flush() throws IOException {
            to.flush();
        }

        @Override
        public void close() throws IOException {
            to.close();
        }
    }
}
