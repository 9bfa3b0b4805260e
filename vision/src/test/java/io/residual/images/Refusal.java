package io.residual.images;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import org.junit.jupiter.api.function.Executable;

/** That something is refused as the user's mistake, and that the message says what it must. */
public final class Refusal {
    private Refusal() {}

    public static void of(Executable action, Object... mentioned) {
        InputException e = assertThrows(InputException.class, action);
        assertMentions(e, mentioned);
    }

    public static void ofImage(Executable action, Object... mentioned) {
        UnreadableImageException e = assertThrows(UnreadableImageException.class, action);
        assertMentions(e, mentioned);
    }

    private static void assertMentions(Exception e, Object... mentioned) {
        String message = String.valueOf(e.getMessage());
        for (Object part : mentioned) {
            assertTrue(message.contains(part.toString()), () -> "'" + part + "' is not in: " + message);
        }
    }
}
