package io.residual.web;

import io.residual.base.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpChannel;
import org.eclipse.jetty.server.HttpConnection;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * The open connections. Nothing waits for a client on a thread; a timer finds the clients that are slower than the {@link Pace} in the
 * head of a request, in its body or in taking the answer, and cuts them off. Jetty's own least rates count from the first byte
 * without any grace, and say nothing of heads.
 */
final class Connections implements Connection.Listener, HttpChannel.Listener, AutoCloseable {
    /** More than these hold descriptors for nothing: the oldest one that is idle makes room. */
    static final int MOST = 1000;

    /** Maximum number of pipelined requests on a connection; more would keep a thread busy. */
    private static final int CROWD = 16;

    private static final String LINE = Line.class.getName();
    private static final String TOO_SLOW = "too slow";

    private final Pace pace;
    private final LongSupplier clock;
    private final Map<EndPoint, Line> lines = new ConcurrentHashMap<>();
    private @Nullable ScheduledFuture<?> sweeping;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "pace");
        thread.setDaemon(true);
        return thread;
    });

    Connections(Pace pace) {
        this(pace, System::nanoTime);
        if (pace.bytesPerSecond() < 0
                || pace.grace().isNegative()
                || pace.grace().isZero()) {
            throw InputException.at("the pace", "" + pace, "a time of grace above 0", "Correct it");
        }
        long period = pace.period().toMillis();
        sweeping = timer.scheduleWithFixedDelay(this::sweep, period, period, TimeUnit.MILLISECONDS);
    }

    /** For tests: nothing is checked but by {@link #sweep}. */
    Connections(Pace pace, LongSupplier clock) {
        this.pace = pace;
        this.clock = clock;
    }

    /** One connection and what its client is expected to do next. */
    final class Line {
        private final HttpConnection connection;
        private final long opened = clock.getAsLong();
        private final List<Runnable> afterwards = new ArrayList<>();
        private long filled = -1; // bytes that had come when the last request began
        private int crowd; // requests that came together with the one before
        private boolean answering; // from a complete head to the last byte of the answer
        private @Nullable LongSupplier
                moved; // bytes so far of what the client sends or takes; null: nothing is expected of it
        private Runnable cut = () -> {};
        private long mark;
        private long since;
        private boolean refused;

        Line(HttpConnection connection) {
            this.connection = connection;
            head();
        }

        private void head() {
            expect(connection::getBytesIn, this::refuse);
        }

        /** Something is expected of the client from now on. */
        private synchronized void expect(LongSupplier bytes, Runnable otherwise) {
            moved = bytes;
            cut = otherwise;
            mark = bytes.getAsLong();
            since = clock.getAsLong();
        }

        /** Starts waiting for a body of the client. */
        void receiving(Runnable tooSlow) {
            expect(connection::getBytesIn, tooSlow);
        }

        /** The client is to take an answer. */
        void sending(LongSupplier sent) {
            expect(sent, () -> connection.getEndPoint().close());
        }

        /** Ends waiting for the client: the server works. */
        synchronized void working() {
            moved = null;
        }

        /** Runs something when the request has been answered, or the connection is gone. */
        void afterwards(Runnable task) {
            synchronized (this) {
                if (answering) {
                    afterwards.add(task);
                    return;
                }
            }
            task.run();
        }

        private void begun() {
            synchronized (this) {
                answering = true;
                long now = connection.getBytesIn();
                crowd = now == filled ? crowd + 1 : 0;
                filled = now;
            }
            working();
        }

        /**
         * Whether so many pipelined requests arrived that this is the last to be answered on the connection; clients
         * repeat the others.
         */
        synchronized boolean crowded() {
            return crowd >= CROWD;
        }

        private void ended() {
            List<Runnable> tasks;
            synchronized (this) {
                answering = false;
                tasks = List.copyOf(afterwards);
                afterwards.clear();
            }
            head();
            tasks.forEach(Runnable::run);
        }

        private synchronized boolean idle() {
            return !answering;
        }

        private void check() {
            Runnable end = null;
            synchronized (this) {
                LongSupplier bytes = moved;
                if (bytes == null) {
                    return;
                }
                long now = clock.getAsLong();
                long count = bytes.getAsLong() - mark;
                if (!answering && count == 0) {
                    since = now; // between two requests the connector's idle time counts, and no other
                } else if (now - since >= pace.grace().toNanos()) {
                    if (!answering || pace.tooSlow(count, now - since)) {
                        end = cut;
                    }
                    mark += count;
                    since = now;
                }
            }
            if (end != null) {
                end.run();
            }
        }

        /** Cuts off a client whose head does not come to an end: with a word, if its connection takes one. */
        private void refuse() {
            EndPoint end = connection.getEndPoint();
            if (refused) {
                end.close();
                return;
            }
            refused = true;
            try {
                String body = Errors.json(TOO_SLOW);
                String head = "HTTP/1.1 408 " + HttpStatus.getMessage(HttpStatus.REQUEST_TIMEOUT_408) + "\r\n"
                        + "Content-Type: application/json\r\nContent-Length: " + body.length()
                        + "\r\nConnection: close\r\n\r\n";
                end.write(Callback.from(end::close, x -> end.close()), BufferUtil.toBuffer(head + body));
            } catch (RuntimeException e) { // an answer is on its way already
                end.close();
            }
        }
    }

    /** The connection that a request came on. */
    static Line of(Request request) {
        if (request.getAttribute(LINE) instanceof Line line) {
            return line;
        }
        throw new IllegalStateException("a request of no known connection");
    }

    void sweep() {
        for (Line line : lines.values()) {
            try {
                line.check();
            } catch (RuntimeException e) {
                line.connection.getEndPoint().close();
            }
        }
    }

    @Override
    public void onOpened(Connection connection) {
        if (!(connection instanceof HttpConnection http)) {
            return;
        }
        if (lines.size() >= MOST) {
            lines.values().stream()
                    .filter(Line::idle)
                    .min((a, b) -> Long.signum(a.opened - b.opened))
                    .map(line -> line.connection)
                    .orElse(http)
                    .getEndPoint()
                    .close();
        }
        lines.put(http.getEndPoint(), new Line(http));
        if (!http.getEndPoint().isOpen()) {
            onClosed(http);
        }
    }

    @Override
    public void onClosed(Connection connection) {
        Line line = lines.remove(connection.getEndPoint());
        if (line != null) {
            line.ended();
        }
    }

    @Override
    public void onRequestBegin(Request request) {
        Line line = lines.get(request.getHttpChannel().getEndPoint());
        if (line != null) {
            request.setAttribute(LINE, line);
            line.begun();
        }
    }

    @Override
    public void onComplete(Request request) {
        if (request.getAttribute(LINE) instanceof Line line) {
            line.ended();
        }
    }

    @Override
    public void close() {
        ScheduledFuture<?> regular = sweeping;
        if (regular != null) {
            regular.cancel(false);
        }
        timer.shutdownNow();
    }
}
