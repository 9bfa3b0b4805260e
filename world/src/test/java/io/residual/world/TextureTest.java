package io.residual.world;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextureTest {
    @ParameterizedTest
    @CsvSource({
        "SOLID, 0",
        "STRIPED, .5",
        "DOTTED, .3217", // π · .32², a disc in a square of 1
        "CHECKERED, .5",
        "HATCHED, .5",
        "NOISY, .5"
    })
    void second_showsInItsShare(Texture texture, double share) {
        Dice dice = new Dice(1);
        int shown = 0;
        int side = 800;
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                // Eight whole periods each way, which are six of the hatching.
                shown += texture.second((x + .5) / 100, (y + .5) / 100, dice.bits()) ? 1 : 0;
            }
        }
        // The grid resolves a hundredth of a period; the noise's share has a deviation of .5 / 800.
        assertEquals(share, shown / (double) (side * side), .005);
    }

    @Test
    void stripes_runDownAndChecksAlternateBothWays() {
        for (double v = -1; v < 1; v += .1) {
            assertEquals(Texture.STRIPED.second(.25, 0, 0), Texture.STRIPED.second(.25, v, 0));
            assertEquals(Texture.STRIPED.second(.25, 0, 0), !Texture.STRIPED.second(.75, v, 0));
        }
        assertEquals(Texture.CHECKERED.second(.25, .25, 0), Texture.CHECKERED.second(.75, .75, 0));
        assertEquals(Texture.CHECKERED.second(.25, .25, 0), !Texture.CHECKERED.second(.75, .25, 0));
        assertEquals(Texture.CHECKERED.second(.25, .25, 0), !Texture.CHECKERED.second(.25, .75, 0));
        assertEquals(Texture.CHECKERED.second(.25, .25, 0), !Texture.CHECKERED.second(-.25, .25, 0));
    }

    @ParameterizedTest
    @CsvSource({"SOLID, solid", "HATCHED, hatched"})
    void word_isItsName(Texture texture, String word) {
        assertEquals(word, texture.word());
    }
}
