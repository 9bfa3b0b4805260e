package io.residual.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void whatMovesTheCursor_isAnEscape() {
        assertEquals("a\\nb\\tc\\rd", Printable.line("a\nb\tc\rd"));
        assertEquals("\\u001b[2Jx\\u0007\\u007f", Printable.line("\u001b[2Jx\u0007\u007f"));
        assertEquals("\\u009b31m", Printable.line("\u009b31m"), "the one-byte form of an escape sequence");
        assertEquals("\\u2028\\u2029", Printable.line("\u2028\u2029"));
        assertEquals("cat\\u202egpj.exe\\u2066", Printable.line("cat\u202egpj.exe\u2066"));
        assertEquals("\\ufeffa\\ud800", Printable.line("\ufeffa\ud800"), "a byte-order mark, half a pair");
        assertEquals("\\udb40\\udc41", Printable.line("\udb40\udc41"), "a tag character");
    }

    @Test
    void words_stayAsTheyAre() {
        for (String word :
                new String[] {"Käse", " x ", "=1+1", "say \"hi\"", "a, b", "emoji \ud83d\ude00", "بیت‌", "👨‍👩‍👧"}) {
            assertEquals(word, Printable.line(word));
        }
    }

    @Test
    void lines_keepTheirBreaks() {
        assertEquals("a\nb\tc\r\n\\rd\\u001b", Printable.lines("a\nb\tc\r\n\rd\u001b"));
    }

    /** Whatever a name is, it cannot end its line, and JSON says the same after it went through. */
    @Property(tries = 300)
    void anyText_isOneLine(@ForAll String text) throws Exception {
        assertTrue(Printable.line(text).chars().noneMatch(Character::isISOControl));
        ObjectMapper mapper = new ObjectMapper();
        String json = mapper.writeValueAsString(Map.of("name", text));
        assertEquals(mapper.readTree(json), mapper.readTree(Printable.lines(json)));
    }
}
