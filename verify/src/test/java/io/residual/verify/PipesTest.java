package io.residual.verify;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.residual.base.InputException;
import io.residual.data.Prompts;
import io.residual.description.Dictionary;
import io.residual.fixtures.KitFixture;
import io.residual.model.ImageTextModel;
import io.residual.spectrum.SpectrumFile;
import io.residual.units.TraceFolder;
import io.residual.weights.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A pipe that nobody writes to stands in a file's place: every reader says so, and none waits. */
@Timeout(60)
class PipesTest {
    @TempDir
    Path temporary;

    private static Path pipe(Path path) {
        try {
            Files.deleteIfExists(path);
            assumeTrue(new ProcessBuilder("mkfifo", path.toString()).start().waitFor() == 0, "no mkfifo here");
            return path;
        } catch (IOException e) {
            return assumeNone();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return assumeNone();
        }
    }

    private static Path assumeNone() {
        abort("no mkfifo here");
        return Path.of("");
    }

    private static void refused(Executable reading) {
        InputException e = assertThrows(InputException.class, reading);
        assertTrue(String.valueOf(e.getMessage()).contains("a device or a pipe"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json"})
    void partOfAModel(String part) {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        pipe(kit.resolve(part));
        refused(() -> ImageTextModel.open(kit).close());
    }

    @Test
    void everythingElse() throws IOException {
        Path pipe = pipe(temporary.resolve("pipe"));
        refused(() -> SafetensorsFile.open(pipe).close());
        refused(() -> SpectrumFile.read(pipe));
        refused(() -> Dictionary.textsOf(pipe));
        refused(() -> new Prompts(List.of("a"), List.of("{}")).overriddenBy(pipe));
        Path trace = Files.createDirectory(temporary.resolve("trace"));
        pipe(trace.resolve("manifest.json"));
        refused(() -> TraceFolder.manifest(trace));
        assertTrue(!TraceFolder.isOne(trace), "and it is not one to replace");
    }

    /** Two bytes of a file each, a hundred of the heap. */
    @Test
    void configurationOfMillionsOfParts_isRefused() throws IOException {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        Files.writeString(kit.resolve("config.json"), "{\"x\": [" + "0,".repeat(600_000) + "0]}");
        InputException e = assertThrows(
                InputException.class, () -> ImageTextModel.open(kit).close());
        assertTrue(String.valueOf(e.getMessage()).contains("Token count"), e.getMessage());
    }
}
