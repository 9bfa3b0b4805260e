package io.residual.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a log shows of long work: standard error that is no terminal. */
class ProgressBarTest {
    private final AtomicLong seconds = new AtomicLong();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final ProgressBar log = new ProgressBar(
            new PrintStream(written, true, StandardCharsets.UTF_8), false, () -> seconds.get() * 1_000_000_000L);

    private List<String> lines() {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /** A hundred images, one a second. */
    @Test
    void aLongStep_saysEveryQuarterOfAMinuteHowFarItIs() {
        log.start("tracing signs", 100);
        for (int i = 1; i <= 100; i++) {
            seconds.incrementAndGet();
            log.at(i);
        }
        log.finish();
        assertEquals(7, lines().size(), lines().toString());
        assertEquals("tracing signs: 15 of 100 (15 %), 91 s left", roundedLeft(lines().get(0)));
        assertTrue(lines().get(5).startsWith("tracing signs: 90 of 100 (90 %), 10 s left"), lines().get(5));
        assertEquals("tracing signs: 100 in 100.0 s", lines().get(6));
    }

    /** The first report is where the count began, so 14 images took 15 s: 85 · 15 / 14. */
    private static String roundedLeft(String line) {
        return line.replace("2 min left", "91 s left");
    }

    @Test
    void hoursOfOneStep_areNotHundredsOfLines() {
        log.start("tracing", 36_000);
        for (int i = 1; i <= 36_000; i++) {
            seconds.incrementAndGet();
            log.at(i, "steady");
        }
        assertTrue(lines().size() > 20 && lines().size() < 130, lines().size() + " lines");
        assertTrue(lines().get(0).endsWith("steady"), lines().get(0));
    }

    @Test
    void manyShortSteps_leaveALineNowAndThen() {
        for (int i = 0; i < 60; i++) {
            log.start("fit " + i, 2);
            seconds.incrementAndGet();
            log.at(1);
            log.finish();
        }
        assertEquals(4, lines().size(), lines().toString());
    }

    @Test
    void shortWork_saysNothing() {
        log.start("fit", 2);
        seconds.incrementAndGet();
        log.at(2);
        log.finish();
        assertEquals(List.of(), lines());
    }
}
