package io.residual.cli;

import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;

/** What a command wants done before the process ends because it was told to. */
final class Ending {
    private static final Deque<Runnable> WISHES = new ConcurrentLinkedDeque<>();

    private Ending() {}

    /** Adds a wish; the last is seen to first. */
    static void first(Runnable wish) {
        WISHES.push(wish);
    }

    /** Sees to every wish; whether there was one. */
    static boolean come() {
        boolean any = false;
        for (Runnable wish = WISHES.poll(); wish != null; wish = WISHES.poll()) {
            wish.run();
            any = true;
        }
        return any;
    }
}
