package io.residual.bench;

import java.lang.management.ManagementFactory;

/**
 * Seconds for measurements: by the wall, or, on a machine that does other work too, by the processor, all threads of this process
 * together. Ratios of the second kind mean something with one thread on each side.
 */
final class Clock {
    private static final double NANO = 1e-9;

    /** Whether the processor's time counts; set once, before anything is measured. */
    private static volatile boolean processor;

    private Clock() {}

    static void countProcessorTime() {
        processor = true;
    }

    static boolean countsProcessorTime() {
        return processor;
    }

    /** Seconds since some moment. */
    static double seconds() {
        if (processor
                && ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean system) {
            return system.getProcessCpuTime() * NANO;
        }
        return System.nanoTime() * NANO;
    }
}
