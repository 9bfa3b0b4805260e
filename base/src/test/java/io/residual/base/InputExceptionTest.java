package io.residual.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class InputExceptionTest {
    @Test
    void at_saysWhereWhatWasFoundWhatWasExpectedAndWhatToDo() {
        assertEquals(
                "--batch: found -3, expected at least 1. Give a positive number.",
                InputException.at("--batch", "-3", "at least 1", "Give a positive number")
                        .getMessage());
    }

    @Test
    void at_withACause_keepsIt() {
        Exception cause = new IllegalStateException("inner");
        InputException e = InputException.at("x.json", "text", "JSON", "Correct the file", cause);
        assertEquals("x.json: found text, expected JSON. Correct the file.", e.getMessage());
        assertSame(cause, e.getCause());
    }

    @Test
    void missing_namesTheFileAndItsRole() {
        Path file = Path.of("some", "model.safetensors");
        assertEquals(
                file + ": found no such file or folder, expected a safetensors file. Check the path.",
                InputException.missing(file, "a safetensors file").getMessage());
    }
}
