package io.residual.pretrain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.data.Prompts;
import io.residual.model.ImageTextModel;
import io.residual.model.TextTokenizer;
import io.residual.model.TokenIds;
import io.residual.world.CaptionedImage;
import io.residual.world.Dice;
import io.residual.world.WorldTask;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorldTokenizerTest {
    @TempDir
    Path folder;

    private final WorldTokenizer tokenizer = new WorldTokenizer(CaptionedImage.vocabulary(), TinyClip.CONTEXT);

    @Test
    void encode_startsEndsAndFillsUp() {
        WorldTokenizer tiny = new WorldTokenizer(List.of("red", "star", "a"), 8);
        long begin = tiny.begin();
        long end = tiny.end();
        TokenIds ids = tiny.encode(List.of("a red star", ""));
        assertEquals(8, ids.context());
        long[] first = ids.row(0);
        assertEquals(begin, first[0]);
        assertEquals(3, Arrays.stream(first, 1, 4).distinct().count());
        assertArrayEquals(new long[] {end, end, end, end}, Arrays.copyOfRange(first, 4, 8));
        assertArrayEquals(new long[] {begin, end, end, end, end, end, end, end}, ids.row(1));
        assertArrayEquals(new int[] {5, 2}, ids.lengths());
    }

    @Test
    void ids_areDistinctAndTheEndIsTheHighest() {
        // Some models find a text's end by its id, others by the highest one.
        assertEquals(tokenizer.size() - 1, tokenizer.end());
        List<String> words = CaptionedImage.vocabulary();
        long[] ids = tokenizer.encode(words).ids();
        long[] second = new long[words.size()];
        for (int i = 0; i < second.length; i++) {
            second[i] = ids[i * TinyClip.CONTEXT + 1];
            assertTrue(second[i] < tokenizer.unknown(), words.get(i));
        }
        assertEquals(words.size(), Arrays.stream(second).distinct().count());
        assertArrayEquals(filled(words.size(), 3), tokenizer.encode(words).lengths(), "a known word is one token");
    }

    @Test
    void unknownWords_areSpelt() {
        TokenIds ids = tokenizer.encode(List.of("redd", "rde", "§", "red§", "RED", "red."));
        // "red" and one letter; three letters; unknown; two words, the second unknown; as "red"; and a full stop.
        assertArrayEquals(new int[] {4, 5, 3, 4, 3, 4}, ids.lengths());
        long red = ids.row(4)[1];
        assertEquals(red, ids.row(0)[1]);
        assertNotEquals(red, ids.row(1)[1]);
        assertEquals(tokenizer.unknown(), ids.row(2)[1]);
        assertEquals(red, ids.row(3)[1]);
        assertEquals(tokenizer.unknown(), ids.row(3)[2]);
        assertEquals(red, ids.row(5)[1]);
    }

    @Test
    void encode_ofALongText_keepsItsBeginningAndTheEnd() {
        TokenIds ids = tokenizer.encode(List.of("red ".repeat(100)));
        long[] row = ids.row(0);
        assertEquals(TinyClip.CONTEXT, ids.lengths()[0]);
        assertEquals(tokenizer.begin(), row[0]);
        assertEquals(tokenizer.end(), row[TinyClip.CONTEXT - 1]);
        assertEquals(1, Arrays.stream(row, 1, TinyClip.CONTEXT - 1).distinct().count());
    }

    @Test
    void json_readByHuggingFacesLibrary_givesTheSameIds() {
        TinyClip clip = new TinyClip(tokenizer.size(), tokenizer.end(), 1);
        Path model = folder.resolve("model");
        try {
            Files.createDirectory(model);
            clip.write(model, tokenizer);
            Files.writeString(model.resolve("tokenizer.json"), tokenizer.json().toString());
            Files.writeString(
                    model.resolve("tokenizer_config.json"), tokenizer.config().toString());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        List<String> texts = new ArrayList<>();
        for (WorldTask task : WorldTask.values()) {
            Prompts prompts = new Prompts(task.classes(), task.templates());
            for (int i = 0; i < task.classes().size(); i++) {
                texts.addAll(prompts.texts(i));
            }
        }
        CaptionedImage.batch(1, 0, 64, false, false).forEach(p -> texts.add(p.caption()));
        texts.addAll(
                List.of("", "  two  blanks ", "A Photo of the SHARK.", "§", "red§", "don't!", "naïve", "x".repeat(40)));
        Dice dice = new Dice(1);
        for (int i = 0; i < 300; i++) {
            texts.add(scribble(dice));
        }
        try (ImageTextModel opened = ImageTextModel.open(model)) {
            TokenIds theirs = opened.tokenizer().encode(texts, TextTokenizer.Overlong.REFUSE);
            TokenIds ours = tokenizer.encode(texts);
            assertEquals(ours.context(), theirs.context());
            for (int i = 0; i < texts.size(); i++) {
                assertArrayEquals(ours.row(i), theirs.row(i), texts.get(i));
                assertEquals(ours.lengths()[i], theirs.lengths()[i], texts.get(i));
            }
        }
    }

    @Test
    void theModelThatShips_hasThisTokenizer() throws IOException {
        // Otherwise the model was trained with another vocabulary than the world's, and has to be made anew.
        try (InputStream in = Objects.requireNonNull(
                WorldTokenizerTest.class.getResourceAsStream("/io/residual/models/world-clip/tokenizer.json"))) {
            JsonNode shipped = new ObjectMapper().readTree(in);
            assertEquals(new ObjectMapper().readTree(tokenizer.json().toString()), shipped);
        }
    }

    /** Short words of letters, digits and signs, some beyond ASCII. */
    private static String scribble(Dice dice) {
        String[] parts = "a b r red star s S 4 07 _ - . , § é Ü ß 漢 ' \t".split(" ");
        StringBuilder text = new StringBuilder();
        for (int i = dice.below(10); i >= 0; i--) {
            text.append(dice.pick(parts)).append(dice.chance(.3) ? " " : "");
        }
        return text.toString();
    }

    private static int[] filled(int size, int value) {
        int[] out = new int[size];
        Arrays.fill(out, value);
        return out;
    }
}
