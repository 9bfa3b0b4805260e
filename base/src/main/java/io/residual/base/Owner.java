package io.residual.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.zip.CRC32;

/**
 * Which process a temporary file belongs to. The same number may be another process elsewhere (another machine on a shared file
 * system, another container), so the name holds where numbers of processes count as well.
 */
final class Owner {
    private static final Duration FORGOTTEN = Duration.ofDays(7);
    private static final String PLACE = place();

    /** This process, for a name: {@code PLACE-PID}. */
    static final String NAME = PLACE + "-" + ProcessHandle.current().pid();

    private Owner() {}

    /** Whether the process that made a file is certainly gone, or the file so old that it may be taken for gone. */
    static boolean isGone(String name, Path file) {
        String[] parts = name.split("-", 3);
        if (parts.length == 3 && parts[0].equals(PLACE) && parts[1].matches("[0-9]{1,10}")) {
            return ProcessHandle.of(Long.parseLong(parts[1])).isEmpty();
        }
        try {
            return Files.getLastModifiedTime(file)
                    .toInstant()
                    .isBefore(Instant.now().minus(FORGOTTEN));
        } catch (IOException e) {
            return false;
        }
    }

    /** Of this boot and this container, where the system tells; elsewhere of this machine's name. */
    private static String place() {
        CRC32 sum = new CRC32();
        sum.update(read(Path.of("/proc/sys/kernel/random/boot_id")));
        try {
            sum.update(Files.readSymbolicLink(Path.of("/proc/self/ns/pid"))
                    .toString()
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        } catch (IOException | UnsupportedOperationException e) {
            sum.update(String.valueOf(System.getenv("COMPUTERNAME")).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return Long.toString(sum.getValue(), Character.MAX_RADIX);
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            return new byte[0];
        }
    }
}
