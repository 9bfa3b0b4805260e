package io.residual.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StandardStreamsTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private static OutputStream failing(String reason) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(reason);
            }
        };
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void whatIsPrinted_isUtf8WithoutEscapeSequences() {
        StandardStreams streams = new StandardStreams(out, err);
        streams.out().println("Käse \ud83d\ude00 \u001b[31mred");
        streams.out().print("\ud83d");
        streams.out().print("\ude00");
        assertEquals(0, streams.finish("residual", 0));
        assertEquals(
                "Käse \ud83d\ude00 \\u001b[31mred" + System.lineSeparator() + "\ud83d\ude00",
                out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void outputThatCannotBeWritten_endsTheCommandAndIsSaid() {
        StandardStreams streams = new StandardStreams(failing("No space left on device"), err);
        assertThrows(StandardStreams.Failed.class, () -> streams.out().println("x"));
        assertEquals(1, streams.finish("residual", 0));
        assertEquals(
                "residual: standard output: No space left on device; the output is incomplete" + System.lineSeparator(),
                said());
    }

    /** What is printed last may wait in a buffer until the end. */
    @Test
    void outputThatFailsAtTheEnd_isNoticed() {
        StandardStreams streams = new StandardStreams(failing("No space left on device"), err);
        streams.out().print("x");
        assertEquals(1, streams.finish("residual", 0));
        assertTrue(said().contains("No space left"), said());
    }

    @Test
    void readerThatWentAway_isNotTold() {
        StandardStreams streams = new StandardStreams(failing("Broken pipe"), err);
        assertThrows(StandardStreams.Failed.class, () -> streams.out().println("x"));
        assertEquals(141, streams.finish("residual", 1));
        assertEquals("", said());
    }
}
