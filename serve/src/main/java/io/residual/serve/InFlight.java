package io.residual.serve;

import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.HttpChannel;
import org.eclipse.jetty.server.Request;

/**
 * Counts requests from their first lines until the last byte of the answer is with the operating system. (Jetty's own counter lets go of a
 * request when its handler returns, before a short answer is written; stopped in between, it would drop it.)
 */
final class InFlight implements HttpChannel.Listener {
    private int count;

    @Override
    public synchronized void onRequestBegin(Request request) {
        count++;
    }

    @Override
    public synchronized void onComplete(Request request) {
        count--;
        if (count == 0) {
            notifyAll();
        }
    }

    /** Waits until nothing is in flight; false if that takes longer, or the thread is interrupted (and stays so). */
    synchronized boolean awaitNone(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (count > 0) {
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
