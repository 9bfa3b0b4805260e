package io.residual.base;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names under which {@link AtomicFiles} keeps what is not yet, or no longer, under its target's name:
 *
 * <pre>.TARGET.residual-PLACE-PROCESS-RANDOM.tmp     being written, or no longer wanted; beside it .tmp.duckdb and the like
 * .TARGET.residual-PLACE-PROCESS-RANDOM.former  a folder that steps aside for its successor</pre>
 *
 * <p>PLACE, PROCESS and RANDOM have fixed forms, and TARGET is the target's whole name, so a name of one target is never a name of
 * another. Where the name would be longer than file systems allow, the SHA-256 of the target's name stands for it, behind another marker.
 *
 * @param place see {@link Owner}
 * @param process its number
 * @param former whether it is a folder that stepped aside
 */
record TemporaryName(String place, long process, boolean former) {
    /** The longest name that file systems allow, in bytes. */
    static final int LONGEST = 255;

    private static final String MARKER = ".residual-";
    private static final String HASHED = ".residual-hashed-";
    private static final String TEMPORARY = ".tmp";
    private static final String FORMER = ".former";
    private static final int RANDOM = 16;

    /** Suffixes that DuckDB appends to a temporary file. */
    private static final String BESIDE = "(?:\\.duckdb(?:\\.wal|\\.tmp)?|\\.wal)?";

    private static final Pattern REST = Pattern.compile("(" + Owner.PLACES + ")-([0-9]{1,10})-[0-9a-f]{" + RANDOM
            + "}(?:" + Pattern.quote(TEMPORARY) + BESIDE + "|(" + Pattern.quote(FORMER) + "))");

    /** Bytes that a name has beside the target's. */
    private static final int MORE =
            1 + MARKER.length() + Owner.LONGEST + 1 + RANDOM + TEMPORARY.length() + ".duckdb.wal".length();

    /** A new name for what becomes the target. */
    static Path temporary(Path target) {
        byte[] random = new byte[RANDOM / 2];
        ThreadLocalRandom.current().nextBytes(random);
        return target.resolveSibling(
                prefix(target) + Owner.NAME + "-" + HexFormat.of().formatHex(random) + TEMPORARY);
    }

    /** The name for what the target was, of the same process and random number as a name from {@link #temporary}. */
    static Path former(Path temporary) {
        String name = String.valueOf(temporary.getFileName());
        return temporary.resolveSibling(name.substring(0, name.length() - TEMPORARY.length()) + FORMER);
    }

    /** Parses a name beside a target; null if it is no temporary name of this target. */
    static @Nullable TemporaryName of(Path target, Path beside) {
        String name = String.valueOf(beside.getFileName());
        String prefix = prefix(target);
        if (!name.startsWith(prefix)) {
            return null;
        }
        Matcher rest = REST.matcher(name.substring(prefix.length()));
        return rest.matches()
                ? new TemporaryName(rest.group(1), Long.parseLong(rest.group(2)), rest.group(3) != null)
                : null;
    }

    private static String prefix(Path target) {
        byte[] name = String.valueOf(target.getFileName()).getBytes(StandardCharsets.UTF_8);
        if (name.length + MORE <= LONGEST) {
            return "." + target.getFileName() + MARKER;
        }
        try {
            return "."
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(name)) + HASHED;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
