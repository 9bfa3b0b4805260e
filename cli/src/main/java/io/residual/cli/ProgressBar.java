package io.residual.cli;

import io.residual.base.Printable;
import io.residual.base.Progress;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * A bar with an estimate of the time left, on standard error, drawn only for steps of over half a second. Where standard
 * error is no terminal but a log, a line says every quarter of a minute how far the work is (in steps of over five minutes after
 * every twentieth of the time), and a step that took over two seconds leaves a line at its end.
 */
final class ProgressBar implements Progress {
    private static final int WIDTH = 24;
    private static final long REDRAW = 100_000_000L;
    private static final long LINE = 15_000_000_000L;
    private static final int LINES = 20;

    private final PrintStream out;
    private final boolean terminal;
    private final LongSupplier clock;
    private long said; // when the last line of a log was written, in whatever step
    private String step = "";
    private long total;
    private long done;
    private long firstDone = -1;
    private long started;
    private long drawn;
    private int length;

    ProgressBar(PrintStream out, boolean terminal) {
        this(out, terminal, System::nanoTime);
    }

    /** With a clock of its own, in nanoseconds. */
    ProgressBar(PrintStream out, boolean terminal, LongSupplier clock) {
        this.out = out;
        this.terminal = terminal;
        this.clock = clock;
        this.said = clock.getAsLong();
    }

    /** A bar on standard error, or silence. The launcher knows whether that is a terminal; Java does not. */
    static Progress create(boolean quiet) {
        return quiet ? Progress.silent() : new ProgressBar(System.err, Boolean.getBoolean("residual.terminal"));
    }

    @Override
    public synchronized void start(String newStep, long newTotal) {
        step = Printable.line(newStep);
        total = newTotal;
        done = 0;
        firstDone = -1;
        started = clock.getAsLong();
        drawn = started + 4 * REDRAW;
        length = 0;
    }

    @Override
    public synchronized void at(long nowDone, String detail) {
        done = nowDone;
        if (firstDone < 0) {
            firstDone = nowDone; // a resumed run starts in the middle
        }
        long now = clock.getAsLong();
        if (!terminal) {
            if (now - said >= Math.max(LINE, (now - started) / LINES)) {
                said = now;
                out.println(line(now, Printable.line(detail)).strip());
            }
            return;
        }
        if (now - drawn < REDRAW) {
            return;
        }
        drawn = now;
        double share = total == 0 ? 1 : (double) done / total;
        int filled = (int) (share * WIDTH);
        String line = String.format(
                Locale.ROOT,
                "%s [%s%s] %d/%d %s %s",
                step,
                "#".repeat(filled),
                ".".repeat(WIDTH - filled),
                done,
                total,
                left(now),
                Printable.line(detail));
        out.print("\r" + line + " ".repeat(Math.max(0, length - line.length())));
        out.flush();
        length = line.length();
    }

    /** Such as {@code tracing signs train: 320 of 1200 (27 %), 95 s left}. */
    private String line(long now, String detail) {
        String left = left(now);
        return String.format(
                Locale.ROOT,
                "%s: %d of %d (%.0f %%)%s %s",
                step,
                done,
                total,
                total == 0 ? 100.0 : 100.0 * done / total,
                left.isEmpty() ? "" : ", " + left,
                detail);
    }

    private String left(long now) {
        long progressed = done - firstDone;
        if (progressed <= 0) {
            return "";
        }
        double seconds = (now - started) / 1e9 * (total - done) / progressed;
        return seconds < 90
                ? String.format(Locale.ROOT, "%.0f s left", seconds)
                : String.format(Locale.ROOT, "%.0f min left", seconds / 60);
    }

    @Override
    public synchronized void finish() {
        double seconds = (clock.getAsLong() - started) / 1e9;
        if (terminal && length > 0) {
            out.print("\r" + " ".repeat(length) + "\r");
            out.flush();
        } else if (!terminal && (seconds > 2 || clock.getAsLong() - said >= LINE)) {
            said = clock.getAsLong();
            String counted = done == 0 ? "" : done + " in "; // some steps are one piece
            out.printf(Locale.ROOT, "%s: %s%.1f s%n", step, counted, seconds);
        }
        length = 0;
    }
}
