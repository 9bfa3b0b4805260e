package io.residual.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three processes that replace one file and one folder over and over. */
class ContendersTest {
    private static final int TIMES = 200;

    @TempDir
    Path temporary;

    /** What each process does: a file of its name, and a folder with two files of its name. */
    static final class Contender {
        private Contender() {}

        public static void main(String[] args) {
            Path folder = Path.of(args[0]);
            String name = args[1];
            for (int i = 0; i < TIMES; i++) {
                AtomicFiles.writeString(folder.resolve("file"), name);
                AtomicFiles.writeFolder(folder.resolve("model"), old -> true, "a model", t -> {
                    Files.writeString(t.resolve("config"), name);
                    Files.writeString(t.resolve("weights"), name);
                });
            }
        }
    }

    @Test
    void theLastOneStays_whole_andNoneFails() throws Exception {
        Path work = Files.createDirectory(temporary.resolve("work"));
        Path log = temporary.resolve("log");
        String classPath = Stream.of(Contender.class, AtomicFiles.class)
                .map(ContendersTest::place)
                .collect(Collectors.joining(File.pathSeparator));
        List<Process> processes = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            processes.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            classPath,
                            Contender.class.getName(),
                            work.toString(),
                            name)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start());
        }
        for (Process process : processes) {
            assertEquals(0, process.waitFor(), () -> read(log));
        }
        assertTrue(Set.of("a", "b", "c").contains(read(work.resolve("file"))));
        String winner = read(work.resolve("model/config"));
        assertTrue(Set.of("a", "b", "c").contains(winner));
        assertEquals(winner, read(work.resolve("model/weights")));
        try (Stream<Path> entries = Files.list(work)) {
            assertEquals(
                    Set.of("file", "model"),
                    entries.map(p -> p.getFileName().toString()).collect(Collectors.toSet()));
        }
    }

    private static String place(Class<?> type) {
        return Path.of(java.net.URI.create(
                        type.getProtectionDomain().getCodeSource().getLocation().toString()))
                .toString();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
