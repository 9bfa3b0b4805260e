package io.residual.robustness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What Linux says of a process. */
final class Processes {
    private static final int KIBI = 1024;

    private Processes() {}

    /** Memory that a process holds, in bytes; 0 where nobody knows. */
    static long memory(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBI)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    /** Open file handles of a process; 0 where nobody knows. */
    static long handles(long pid) {
        return count(Path.of("/proc/" + pid + "/fd"));
    }

    /** Entries of a folder; 0 if there is none. */
    static long count(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.count();
        } catch (IOException e) {
            return 0;
        }
    }
}
