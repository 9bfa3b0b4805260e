package io.residual.web;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.BadMessageException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.handler.HandlerWrapper;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Answers are written into memory, and from there sent without a thread that waits: a client that does not read holds a buffer, for
 * as long as the {@link Pace} allows, and nothing else.
 */
final class Replies extends HandlerWrapper {
    private static final System.Logger LOG = System.getLogger(Replies.class.getName());

    @Override
    public void handle(String target, Request base, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        if (request.getDispatcherType() != jakarta.servlet.DispatcherType.REQUEST) {
            super.handle(target, base, request, response); // an error of the framework's own
            return;
        }
        Reply reply = new Reply(base, response);
        if (Connections.of(base).crowded()) {
            reply.setHeader("Connection", "close");
        }
        try {
            super.handle(target, base, new Asked(request, reply), reply);
        } catch (BadMessageException e) {
            reply.sendError(e.getCode(), e.getReason());
        } catch (IOException | ServletException | RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a request failed", e);
            reply.sendError(500, WebServer.OURS);
        }
        if (!base.isAsyncStarted()) {
            AsyncContext context = base.startAsync();
            context.setTimeout(0);
            reply.send(context::complete);
        }
    }

    /** Bytes that are not copied once more to be sent. */
    private static final class Bytes extends ByteArrayOutputStream {
        ByteBuffer all() {
            return ByteBuffer.wrap(buf, 0, count);
        }
    }

    private static final class Reply extends HttpServletResponseWrapper {
        private final Request base;
        private final Bytes bytes = new Bytes();
        private final ServletOutputStream out = new ServletOutputStream() {
            @Override
            public boolean isReady() {
                return true;
            }

            @Override
            public void setWriteListener(WriteListener listener) {
                throw new IllegalStateException("answers are written at once");
            }

            @Override
            public void write(int value) {
                bytes.write(value);
            }

            @Override
            public void write(byte[] from, int offset, int length) {
                bytes.write(from, offset, length);
            }
        };

        Reply(Request base, HttpServletResponse response) {
            super(response);
            this.base = base;
        }

        @Override
        public ServletOutputStream getOutputStream() {
            return out;
        }

        @Override
        public PrintWriter getWriter() {
            return new PrintWriter(out, true, StandardCharsets.UTF_8);
        }

        @Override
        public void flushBuffer() {
            // it is sent as a whole
        }

        @Override
        public void resetBuffer() {
            bytes.reset();
        }

        @Override
        public void sendError(int status) {
            sendError(status, null);
        }

        @Override
        public void sendError(int status, @Nullable String message) {
            bytes.reset();
            setStatus(status);
            setContentType("application/json");
            WebServer.HEADERS.forEach(this::setHeader);
            bytes.writeBytes(Errors.json(Errors.reason(status, message)).getBytes(StandardCharsets.UTF_8));
        }

        void send(Runnable afterwards) {
            if (getStatus() >= 400 && bytes.size() == 0) {
                sendError(getStatus()); // the framework had no words
            }
            ByteBuffer body = bytes.all();
            Connections.Line line = Connections.of(base);
            line.sending(() -> -body.remaining());
            base.getResponse().getHttpOutput().sendContent(body, Callback.from(afterwards, x -> afterwards.run()));
        }
    }

    /** Its asynchronous context sends the reply before it completes. */
    private static final class Asked extends HttpServletRequestWrapper {
        private final Reply reply;
        private @Nullable AsyncContext context;

        Asked(HttpServletRequest request, Reply reply) {
            super(request);
            this.reply = reply;
        }

        @Override
        public AsyncContext startAsync() {
            AsyncContext started = new Sending(super.startAsync(), reply);
            context = started;
            return started;
        }

        @Override
        public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
            return startAsync();
        }

        @Override
        public AsyncContext getAsyncContext() {
            AsyncContext started = context;
            if (started == null) {
                throw new IllegalStateException("not asynchronous");
            }
            return started;
        }
    }

    private record Sending(AsyncContext context, Reply reply) implements AsyncContext {
        @Override
        public void complete() {
            reply.send(context::complete);
        }

        @Override
        public ServletRequest getRequest() {
            return context.getRequest();
        }

        @Override
        public ServletResponse getResponse() {
            return reply;
        }

        @Override
        public boolean hasOriginalRequestAndResponse() {
            return false;
        }

        @Override
        public void dispatch() {
            throw new IllegalStateException("requests are not dispatched again");
        }

        @Override
        public void dispatch(String path) {
            dispatch();
        }

        @Override
        public void dispatch(ServletContext other, String path) {
            dispatch();
        }

        @Override
        public void start(Runnable run) {
            context.start(run);
        }

        @Override
        public void addListener(AsyncListener listener) {
            context.addListener(listener);
        }

        @Override
        public void addListener(AsyncListener listener, ServletRequest request, ServletResponse response) {
            context.addListener(listener, request, response);
        }

        @Override
        public <T extends AsyncListener> T createListener(Class<T> type) throws ServletException {
            return context.createListener(type);
        }

        @Override
        public void setTimeout(long millis) {
            context.setTimeout(millis);
        }

        @Override
        public long getTimeout() {
            return context.getTimeout();
        }
    }
}
