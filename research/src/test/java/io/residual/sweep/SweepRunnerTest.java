package io.residual.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.sweep.SweepStore.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepRunnerTest {
    private static final Sweep TINY = SweepFile.parse("""
            name: tiny
            models: [world-clip]
            data: ["world:signs", "world:counts"]
            splits: {train: 60, validation: 40, test: 50}
            forgetting: true
            methods:
              - base
              - {method: finetune, rate: 3.0e-4, batch: 30, epochs: 1}
              - {method: linear, iterations: 3}
              - {method: residual-star, iterations: 3}
              - tip-adapter
            """, "tiny");

    @TempDir
    static Path done;

    @TempDir
    Path temporary;

    private static List<String> undisturbed = List.of();

    @BeforeAll
    static void runWithoutAStop() {
        undisturbed = run(done, Progress.silent());
    }

    private static List<String> run(Path folder, Progress progress) {
        try (SweepRunner runner = new SweepRunner(TINY, folder, progress)) {
            runner.run();
            List<String> all = new ArrayList<>();
            for (Row row : runner.store()
                    .rows(
                            "SELECT dataset, variant, parameters, validation_accuracy, test_right, test_images, test_hash,"
                                    + " coverage FROM runs ORDER BY dataset, variant")) {
                all.add(row.values().toString());
            }
            for (Row row : runner.store()
                    .rows("SELECT dataset, variant, task, accuracy FROM forgetting JOIN runs ON runs.key ="
                            + " forgetting.key ORDER BY dataset, variant, task")) {
                all.add(row.values().toString());
            }
            return all;
        }
    }

    /** Stopped in the middle, again and again; what comes out in the end is what an undisturbed run gives. */
    @Tag("thorough")
    @Test
    void whatWasStopped_goesOnWhereItWas() {
        assertEquals(2 * 5 + 2 * 4 * (2 + 2), undisturbed.size());
        Path folder = temporary.resolve("broken");
        int stops = 0;
        List<String> result = List.of();
        while (result.isEmpty()) {
            // Every attempt gets further than the one before, and ends at another kind of step.
            AtomicInteger steps = new AtomicInteger(3 + 4 * stops);
            try {
                result = run(folder, new Stopping(steps));
            } catch (StoppedException e) {
                stops++;
                assertTrue(stops < 20, "it does not get on");
            }
        }
        assertTrue(stops >= 3, stops + " stops");
        assertEquals(undisturbed, result);
        assertFalse(
                Files.exists(folder.resolve("towers"))
                        && folder.resolve("towers").toFile().list().length > 0,
                "tuned towers were to go when they had been used");
    }

    @Test
    void aFinishedSweep_hasNothingLeft_andTablesAgreeWithTheDatabase() throws IOException {
        try (SweepRunner runner = new SweepRunner(TINY, done, Progress.silent())) {
            Estimate estimate = runner.estimate().get(0);
            assertEquals(0, estimate.fitsLeft());
            assertEquals(10, estimate.fits());
            assertEquals(0, estimate.images());
            SweepTables tables = new SweepTables(TINY, runner.store(), runner.run());
            tables.write(done);
            for (Row row : runner.store().rows("SELECT * FROM runs WHERE dataset = 'signs'")) {
                String percent = String.format(
                        java.util.Locale.ROOT, "%.1f", 100 * row.number("test_right") / row.number("test_images"));
                String line = Files.readString(done.resolve("table.md"))
                        .lines()
                        .filter(l -> l.startsWith("| signs |"))
                        .findFirst()
                        .orElseThrow();
                assertTrue(line.contains(" " + percent + " "), row.text("variant") + " " + percent + " in " + line);
                assertTrue(Files.readString(done.resolve("table.tex")).contains("& " + percent));
            }
            assertEquals(11, Files.readString(done.resolve("runs.csv")).lines().count());
            assertTrue(Files.readString(done.resolve("runs.json")).contains("\"decomposition_error\""));
        }
    }

    /** What was measured is measured whatever it is called; only the tables' names change. */
    @Test
    void aSecondSweepWithOtherNames_usesWhatIsThere() {
        Sweep one = SweepFile.parse("""
                models: [world-clip]
                data: ["world:signs"]
                splits: {train: 60, validation: 40, test: 50}
                methods: [base]
                """, "one");
        Sweep two = SweepFile.parse("""
                models: [world-clip]
                data: [{source: "world:signs", label: road}]
                splits: {train: 60, validation: 40, test: 50}
                methods: [{method: base, name: Untouched}]
                """, "two");
        Path folder = temporary.resolve("two");
        try (SweepRunner runner = new SweepRunner(one, folder, Progress.silent())) {
            runner.run();
        }
        try (SweepRunner runner = new SweepRunner(two, folder, Progress.silent())) {
            assertEquals(0, runner.estimate().get(0).fitsLeft());
            String table = new SweepTables(two, runner.store(), runner.run()).markdown();
            assertTrue(table.contains("| Untouched |") && table.contains("| road |"), table);
            assertEquals(1, runner.store().rows("SELECT * FROM runs").size());
        }
    }

    /** The tuned tower of the first sweep is gone by then: what it does on the new data is not known, the rest is. */
    @Tag("thorough")
    @Test
    void dataAddedToAFinishedSweep_areMeasured() {
        String yaml = """
                models: [world-clip]
                data: [%s]
                splits: {train: 60, validation: 40, test: 50}
                forgetting: true
                methods: [{method: finetune, rate: 3.0e-4, batch: 30, epochs: 1}, {method: linear, iterations: 3}]
                """;
        Path folder = temporary.resolve("added");
        try (SweepRunner runner =
                new SweepRunner(SweepFile.parse(yaml.formatted("'world:signs'"), "one"), folder, Progress.silent())) {
            runner.run();
        }
        Sweep more = SweepFile.parse(yaml.formatted("'world:signs', 'world:counts'"), "more");
        try (SweepRunner runner = new SweepRunner(more, folder, Progress.silent())) {
            List<String> lines = new SweepTables(more, runner.store(), runner.run())
                    .markdown()
                    .lines()
                    .toList();
            String header = "| method | `world-clip`, others | captions |";
            List<String> forgotten = lines.subList(lines.indexOf(header) + 2, lines.size());
            assertTrue(forgotten.get(0).startsWith("| Full Finetuning | – |"), forgotten.toString());
            assertTrue(
                    forgotten.get(1).matches("\\| Linear Aligner \\| [0-9.]+ \\| [0-9.]+ \\|"), forgotten.toString());
        }
    }

    /** Every fit is known under its key, but traces lie under the label. */
    @Test
    void dataUnderAnotherLabel_areTracedForForgetting() {
        String yaml = """
                models: [world-clip]
                data: [{source: "world:signs", label: %s}]
                splits: {train: 60, validation: 40, test: 50}
                forgetting: true
                methods: [{method: linear, iterations: 3}]
                """;
        Path folder = temporary.resolve("renamed");
        for (String label : List.of("signs", "road")) {
            try (SweepRunner runner =
                    new SweepRunner(SweepFile.parse(yaml.formatted(label), label), folder, Progress.silent())) {
                runner.run();
                assertEquals(
                        1,
                        runner.store()
                                .rows("SELECT * FROM forgetting WHERE task = '" + label + "'")
                                .size());
            }
        }
    }

    /** The second of two takes nothing from the first, not even where neither has written anything yet. */
    @Test
    void folderOfAnotherSweep_isRefused_andLeftAlone() {
        Path folder = temporary.resolve("taken");
        try (SweepRunner first = new SweepRunner(TINY, folder, Progress.silent())) {
            InputException e =
                    assertThrows(InputException.class, () -> new SweepRunner(TINY, folder, Progress.silent()));
            assertTrue(String.valueOf(e.getMessage()).contains("another process is working in"), e.getMessage());
            assertTrue(Files.exists(folder.resolve("results.duckdb")));
            assertEquals(0, first.store().rows("SELECT * FROM runs").size());
        }
        new SweepRunner(TINY, folder, Progress.silent()).close();
    }

    @Test
    void somethingElseInThePlaceOfTheDatabase_isRefused() throws IOException {
        Files.writeString(temporary.resolve("results.duckdb"), "not a database, but longer than a header ".repeat(500));
        InputException e =
                assertThrows(InputException.class, () -> new SweepRunner(TINY, temporary, Progress.silent()));
        assertTrue(String.valueOf(e.getMessage()).contains("results.duckdb"), e.getMessage());
    }

    private static final class StoppedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Throws when so many steps have been started. */
    private static final class Stopping implements Progress {
        private final AtomicInteger left;

        Stopping(AtomicInteger left) {
            this.left = left;
        }

        @Override
        public void start(String step, long total) {
            if (left.decrementAndGet() < 0) {
                throw new StoppedException();
            }
        }

        @Override
        public void at(long done, String detail) {}

        @Override
        public void finish() {}
    }
}
