package io.residual.web;

import io.javalin.http.Context;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Bodies of requests, read without a thread that waits for the client. How many are being read, and how many bytes are held for all
 * requests together, is bounded; beyond that they are answered with 503.
 */
final class Uploads {
    /**
     * Bytes of a refused body that are still read. Closing a connection with unread bytes resets it, and the refusal
     * would be lost.
     */
    private static final long DRAINED = 64L << 20;

    private static final int BUFFER = 16 << 10;

    private final Semaphore slots;
    private final long most;
    private final AtomicLong held = new AtomicLong();

    /**
     * Bodies.
     *
     * @param count that are read at once, at most
     * @param most bytes of all requests that have not been answered
     */
    Uploads(int count, long most) {
        this.slots = new Semaphore(count);
        this.most = most;
    }

    /**
     * The body of a request that is asynchronous already. Fails with {@link RefusedException}: 413 if it is longer than
     * {@code limit}, 408 if it comes too slowly, 400 if it breaks off, 415 if it is encoded, 503 if there are too many.
     */
    CompletableFuture<byte[]> read(Context ctx, int limit) {
        CompletableFuture<byte[]> done = new CompletableFuture<>();
        HttpServletRequest request = ctx.req();
        Connections.Line line = Connections.of(Request.getBaseRequest(request));
        boolean slot = slots.tryAcquire();
        Upload upload = new Upload(done, line, limit, refusal(request, limit, slot));
        CompletableFuture<byte[]> unused = done.whenComplete((bytes, problem) -> {
            if (slot) {
                slots.release();
            }
            line.working();
        });
        line.afterwards(() -> held.addAndGet(-upload.release()));
        line.receiving(upload::tooSlow);
        if (upload.hopeless(request)) {
            return done;
        }
        try {
            upload.start(request.getInputStream());
        } catch (IOException e) {
            done.completeExceptionally(new RefusedException(400, "the body broke off"));
        }
        return done;
    }

    private static @Nullable RefusedException refusal(HttpServletRequest request, int limit, boolean slot) {
        String type = request.getContentType();
        if (type != null && type.regionMatches(true, 0, "multipart/", 0, 10)) {
            return new RefusedException(415, "a form of several parts: send the bytes themselves (curl --data-binary)");
        }
        String encoding = request.getHeader("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            return new RefusedException(415, "an encoded body: send it as it is, without Content-Encoding");
        }
        if (request.getContentLengthLong() > limit) {
            return tooLarge(limit);
        }
        return slot ? null : RefusedException.busy("too many bodies are being sent");
    }

    private static RefusedException slow() {
        return new RefusedException(408, "the body comes too slowly");
    }

    private static RefusedException tooLarge(int limit) {
        return new RefusedException(413, "more than " + limit + " bytes");
    }

    private final class Upload implements ReadListener {
        private final CompletableFuture<byte[]> done;
        private final Connections.Line line;
        private final int limit;
        private final byte[] buffer = new byte[BUFFER];
        private @Nullable ServletInputStream in;
        private @Nullable ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private @Nullable RefusedException refusal;
        private long count;
        private long taken;
        private boolean released;

        Upload(CompletableFuture<byte[]> done, Connections.Line line, int limit, @Nullable RefusedException refusal) {
            this.done = done;
            this.line = line;
            this.limit = limit;
            this.refusal = refusal;
        }

        void start(ServletInputStream stream) {
            in = stream;
            stream.setReadListener(this);
        }

        /** Refused, and too long to be read, or waited with until it is asked for: it is answered at once. */
        boolean hopeless(HttpServletRequest request) {
            RefusedException why = refusal;
            boolean now = request.getContentLengthLong() > limit + DRAINED || request.getHeader("Expect") != null;
            return why != null && now && done.completeExceptionally(why);
        }

        void tooSlow() {
            RefusedException why;
            synchronized (this) {
                why = refusal;
            }
            done.completeExceptionally(why == null ? slow() : why);
        }

        /** Bytes that are counted no more. */
        synchronized long release() {
            released = true;
            bytes = null;
            long all = taken;
            taken = 0;
            return all;
        }

        private synchronized void add(int length) {
            count += length;
            if (refusal == null && count > limit) {
                refusal = tooLarge(limit);
            } else if (refusal == null && held.get() + length > most) {
                refusal = RefusedException.busy("too many bytes are being sent");
            }
            ByteArrayOutputStream into = bytes;
            if (refusal == null && !released && into != null) {
                taken += length;
                held.addAndGet(length);
                into.write(buffer, 0, length);
            } else {
                bytes = null;
            }
        }

        @Override
        public void onDataAvailable() throws IOException {
            ServletInputStream stream = in;
            while (stream != null && !done.isDone() && stream.isReady()) {
                int length = stream.read(buffer);
                if (length < 0) {
                    return;
                }
                add(length);
                if (refusal != null && count > limit + DRAINED) {
                    done.completeExceptionally(refusal);
                }
            }
        }

        @Override
        public void onAllDataRead() {
            byte[] all;
            RefusedException why;
            synchronized (this) {
                ByteArrayOutputStream from = bytes;
                all = from == null ? new byte[0] : from.toByteArray();
                bytes = null;
                why = refusal;
            }
            if (why != null) {
                done.completeExceptionally(why);
            } else {
                done.complete(all);
            }
        }

        @Override
        public void onError(Throwable problem) {
            line.working();
            done.completeExceptionally(
                    problem instanceof TimeoutException
                            ? slow()
                            : new RefusedException(400, "the body broke off, or its chunks are malformed"));
        }
    }
}
