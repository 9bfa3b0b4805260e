package io.residual.base;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * The process that a temporary file belongs to. Process numbers are unique only within one boot of one machine or
 * container, so the name also holds an identifier of that scope.
 */
final class Owner {
    private static final Duration FORGOTTEN = Duration.ofDays(7);
    private static final int PLACE_LENGTH = 7; // 32 bits in base 36

    /** The form of every place, as a pattern. */
    static final String PLACES = "[0-9a-z]{" + PLACE_LENGTH + "}";

    private static final String PLACE = place();

    /** This process, for a name: {@code PLACE-PID}. */
    static final String NAME = PLACE + "-" + ProcessHandle.current().pid();

    /** Characters of such a name at most. */
    static final int LONGEST = PLACE_LENGTH + 1 + 10;

    private Owner() {}

    /** Whether the process that made a file is certainly dead, or the file is old enough to assume so. */
    static boolean isGone(TemporaryName name, Path file) {
        if (name.place().equals(PLACE)) {
            return ProcessHandle.of(name.process()).isEmpty();
        }
        try {
            return Files.getLastModifiedTime(file)
                    .toInstant()
                    .isBefore(Instant.now().minus(FORGOTTEN));
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * An identifier of this boot and container where the system gives one. Otherwise it is unique to this process, so
     * files of other processes never count as certainly dead.
     */
    private static String place() {
        CRC32 sum = new CRC32();
        try {
            sum.update(Files.readAllBytes(Path.of("/proc/sys/kernel/random/boot_id")));
            sum.update(Files.readSymbolicLink(Path.of("/proc/self/ns/pid"))
                    .toString()
                    .getBytes(StandardCharsets.UTF_8));
        } catch (IOException | UnsupportedOperationException e) {
            sum.update(UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8));
        }
        String place = Long.toString(sum.getValue(), Character.MAX_RADIX);
        return "0".repeat(PLACE_LENGTH - place.length()) + place;
    }
}
