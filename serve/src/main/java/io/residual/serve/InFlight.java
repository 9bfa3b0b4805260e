package io.residual.serve;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.HttpChannel;
import org.eclipse.jetty.server.Request;

/**
 * Requests from their first lines until the last byte of the answer is with the operating system. (Jetty's own counter lets go of a
 * request when its handler returns, before a short answer is written; stopped in between, it would drop it.) They are kept one by
 * one, since Jetty begins some malformed requests twice and completes others that never began.
 */
final class InFlight implements HttpChannel.Listener {
    private final Set<Request> open = Collections.newSetFromMap(new IdentityHashMap<>());

    @Override
    public synchronized void onRequestBegin(Request request) {
        open.add(request);
    }

    @Override
    public synchronized void onComplete(Request request) {
        open.remove(request);
        if (open.isEmpty()) {
            notifyAll();
        }
    }

    /** Waits until nothing is in flight; false if that takes longer, or the thread is interrupted (and stays so). */
    synchronized boolean awaitNone(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (!open.isEmpty()) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }
}
