package io.residual.robustness;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.robustness.Fuzzing.Outcome;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of the corpora is read or refused as it should be, and so is what a short search makes of them. */
class FuzzTest {
    private static final Path CORPUS = Path.of("corpus");
    private static final int INPUTS_A_SEED = 20;

    static List<String> targets() {
        return Fuzzing.TARGETS;
    }

    @ParameterizedTest
    @MethodSource("targets")
    void corpus_isReadOrRefused(String target) throws Exception {
        Method read = Class.forName(target).getMethod("fuzzerTestOneInput", byte[].class);
        List<Path> files = files(target);
        assertTrue(files.size() > 0, "a corpus for " + target);
        for (Path file : files) {
            try {
                read.invoke(null, (Object) Files.readAllBytes(file));
            } catch (InvocationTargetException e) {
                throw new AssertionError(file + ": " + e.getCause(), e.getCause());
            }
        }
    }

    private static List<Path> files(String target) throws IOException {
        try (Stream<Path> all = Files.list(CORPUS.resolve(Fuzzing.name(target)))) {
            return all.sorted().toList();
        }
    }

    /** So many inputs, not so many seconds: a slow machine searches as much. */
    @Tag("thorough")
    @ParameterizedTest
    @MethodSource("targets")
    void shortSearch_findsNothing(String target) throws Exception {
        int inputs = INPUTS_A_SEED * files(target).size();
        Outcome outcome = Fuzzing.run(target, "-runs=" + inputs, CORPUS, false);
        assertNull(outcome.finding(), outcome.toString());
        assertTrue(outcome.inputs() >= inputs, outcome.toString());
        assertTrue(outcome.coverage() > 50, "the reader was instrumented: " + outcome);
    }
}
