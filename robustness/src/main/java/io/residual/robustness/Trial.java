package io.residual.robustness;

import io.residual.base.AtomicFiles;
import io.residual.provenance.ContentHash;
import io.residual.weights.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A command whose results are known from an undisturbed run.
 *
 * @param name for the table
 * @param words arguments after {@code residual}; OUT is replaced by the output folder
 * @param finalOnly whether everything under a final name must equal the undisturbed run's at any moment; otherwise
 *     files grow in place (a database, checkpoints), and at any moment each must be readable
 * @param ignored lines of text results that no two runs share: times
 */
record Trial(String name, List<String> words, boolean finalOnly, Predicate<String> ignored) {
    /** A process that has been started, and where it writes. */
    record Started(Process process, Path log) {}

    /**
     * Starts the command.
     *
     * @param residual the command line of {@code residual}: a launcher, or Java with a class path
     */
    Started start(List<String> residual, Path out) throws IOException {
        List<String> command = new ArrayList<>(residual);
        words.forEach(word -> command.add(word.replace("OUT", out.toString())));
        Path log = out.resolveSibling(out.getFileName() + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("SOURCE_DATE_EPOCH", "1700000000"); // so that the same work gives the same bytes
        return new Started(builder.start(), log);
    }

    /** Files under final names, with the hash of what two runs share. */
    Map<String, String> results(Path out) throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (Stream<Path> all = Files.walk(out)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String name = out.relativize(file).toString();
                if (!isHidden(out.relativize(file)) && !name.endsWith(".wal") && !name.endsWith(".duckdb")) {
                    found.put(name, hash(file));
                }
            }
        }
        return found;
    }

    private static boolean isHidden(Path relative) {
        for (Path part : relative) {
            if (part.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    private String hash(Path file) throws IOException {
        String name = file.toString();
        boolean text = Stream.of(".csv", ".md", ".tex", ".json").anyMatch(name::endsWith);
        if (!text) {
            return new ContentHash().add(Files.readAllBytes(file)).hex();
        }
        StringBuilder kept = new StringBuilder();
        for (String line :
                Files.readString(file, StandardCharsets.UTF_8).lines().toList()) {
            if (!ignored.test(line)) {
                kept.append(untimed(line)).append('\n');
            }
        }
        return new ContentHash().add(kept.toString()).hex();
    }

    /**
     * Removes the seconds of a fit, which stand before its date in a sweep's rows and at the end of its tables' lines.
     */
    private static String untimed(String line) {
        return line.replaceAll("[0-9.E-]+(?=,2023-11-14T22:13:20Z)", "#").replaceAll("\\| [0-9.,]+ \\|$", "| # |");
    }

    /** The problems of a folder after an interruption; empty if there are none. */
    List<String> wrong(Path out, Map<String, String> expected) throws IOException {
        List<String> wrong = new ArrayList<>();
        if (!Files.exists(out)) {
            return wrong;
        }
        for (Map.Entry<String, String> file : results(out).entrySet()) {
            if (finalOnly) {
                if (!file.getValue().equals(expected.get(file.getKey()))) {
                    wrong.add(file.getKey() + " is not what the undisturbed run has");
                }
            } else if (file.getKey().endsWith(".safetensors")) {
                try (SafetensorsFile open = SafetensorsFile.open(out.resolve(file.getKey()))) {
                    open.names();
                } catch (RuntimeException e) {
                    wrong.add(file.getKey() + " cannot be read: " + e.getMessage());
                }
            }
        }
        return wrong;
    }

    /** Leftovers under temporary names. */
    static List<String> leftovers(Path out) {
        try (Stream<Path> all = Files.walk(out)) {
            return all.map(p -> out.relativize(p).toString())
                    .filter(n -> n.contains(".tmp"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The last lines of a log. */
    static String tail(Path log) {
        try {
            List<String> lines = Arrays.asList(Files.readString(log).split("\n"));
            return String.join(" | ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
        } catch (IOException e) {
            return "no log";
        }
    }

    /** Begins anew. */
    static Path fresh(Path folder) {
        AtomicFiles.delete(folder);
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
