package io.residual.adapt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.residual.adapt.AdapterFile.Tested;
import io.residual.base.InputException;
import io.residual.base.JsonObject;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.PairedDifference;
import org.junit.jupiter.api.Test;

class TestedTest {
    private static Tested read(String text) throws Exception {
        return Tested.of(JsonObject.parse(text, "a file", "Correct it"));
    }

    @Test
    void counts_areWrittenAndRead_andGiveTheBaseAccuracy() throws Exception {
        Tested both = new Tested(new Accuracy(168, 200), new PairedDifference(40, 14, 200));
        assertEquals(both, read(both.json().toString()));
        assertEquals(new Accuracy(142, 200), both.base()); // 168 − 40 + 14
        Tested alone = new Tested(new Accuracy(3, 4), null);
        assertEquals(alone, read(alone.json().toString()));
        assertNull(alone.base());
    }

    @Test
    void countsThatCannotBe_areRefused() {
        for (String wrong : new String[] {
            "{\"images\": 4, \"right\": 5}",
            "{\"images\": 4, \"right\": 2, \"corrected\": 3, \"broken\": 0}",
            "{\"images\": 4, \"right\": 2, \"corrected\": 1, \"broken\": 3}",
            "{\"images\": 0, \"right\": 0}"
        }) {
            assertThrows(InputException.class, () -> read(wrong), wrong);
        }
    }
}
