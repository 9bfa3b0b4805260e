package io.residual.cli;

import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;

/** Shutdown tasks of a command, run when the process is asked to end (Ctrl-C, TERM). */
final class Ending {
    private static final Deque<Runnable> TASKS = new ConcurrentLinkedDeque<>();

    private Ending() {}

    /** Registers a task. Tasks run in reverse order of registration. */
    static void first(Runnable task) {
        TASKS.push(task);
    }

    /**
     * Runs all tasks.
     *
     * @return whether there was one
     */
    static boolean come() {
        boolean any = false;
        for (Runnable task = TASKS.poll(); task != null; task = TASKS.poll()) {
            task.run();
            any = true;
        }
        return any;
    }
}
