package io.residual.world;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CaptionsTest {
    private static final long SEED = 9;
    private static final int SIZE = 64;

    /** The whole grammar; a caption that does not match says something that nobody checked. */
    private static final Pattern CAPTION = Pattern.compile("(?:(?:a photo of|a picture of|an image with) )?"
            + "(?<count>an?|the|one|two|three|four)"
            + "(?: (?<size>large|small))?"
            + "(?: (?<colour>" + words(Colour.ALL, Colour::word) + "))?"
            + "(?: (?<texture>" + words(Texture.ALL, Texture::word) + "))?"
            + " (?<noun>objects?|(?:number|digit) (?<digit>\\d)|(?:" + words(Kind.SHAPES, Kind::word) + ")(?:e?s)?)"
            + "(?: at the (?<place>" + words(Place.ALL, Place::words) + "))?"
            + "(?: on (?<article>an?) (?<background>" + words(Colour.ALL, Colour::word) + ") background)?");

    @Test
    void everythingACaptionSays_isTrue() {
        int[] said = new int[6];
        for (CaptionedImage item : images(30, false)) {
            Attributes a = item.attributes();
            Matcher caption = CAPTION.matcher(item.caption());
            assertTrue(caption.matches(), item.caption());
            assertEquals(
                    a.count(),
                    Math.max(1, List.of("", "one", "two", "three", "four").indexOf(caption.group("count"))),
                    item.caption());
            said[0] += isTrue(item, caption.group("size"), a.large() ? "large" : "small");
            said[1] += isTrue(item, caption.group("colour"), a.colour().word());
            said[2] += isTrue(item, caption.group("texture"), a.texture().word());
            Place place = a.place();
            said[3] += isTrue(item, caption.group("place"), place == null ? "nowhere" : place.words());
            said[4] += isTrue(item, caption.group("background"), a.background().word());
            String noun = caption.group("noun");
            if (noun.startsWith("object")) {
                assertEquals(a.count() == 1 ? "object" : "objects", noun, item.caption());
            } else if (caption.group("digit") != null) {
                assertTrue(a.kind().isDigit(), item.caption());
                assertEquals(String.valueOf(a.kind().digit()), caption.group("digit"), item.caption());
            } else {
                String plural = a.kind() == Kind.CROSS ? "crosses" : a.kind().word() + "s";
                assertEquals(a.count() == 1 ? a.kind().word() : plural, noun, item.caption());
                said[5]++;
            }
        }
        // Otherwise captions that say nothing would pass.
        assertTrue(Arrays.stream(said).min().orElse(0) > 100, () -> Arrays.toString(said));
    }

    private static int isTrue(CaptionedImage item, @Nullable String said, String truth) {
        if (said == null) {
            return 0;
        }
        assertEquals(truth, said, item.caption());
        return 1;
    }

    @Test
    void articles_fitTheWordsAfterThem() {
        Pattern wrong = Pattern.compile("\\ba [aeiou]|\\ban [^aeiou]");
        for (CaptionedImage item : images(30, false)) {
            assertFalse(wrong.matcher(item.caption()).find(), item.caption());
        }
        for (WorldTask task : WorldTask.values()) {
            for (String name : task.classes()) {
                assertFalse(wrong.matcher(name).find(), name);
            }
        }
    }

    @Test
    void captions_useOnlyTheVocabulary() {
        Set<String> vocabulary = Set.copyOf(CaptionedImage.vocabulary());
        for (CaptionedImage item : images(30, false)) {
            for (String word : item.caption().split(" ")) {
                assertTrue(vocabulary.contains(word), () -> word + " in " + item.caption());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(WorldTask.class)
    void prompts_useOnlyTheVocabulary(WorldTask task) {
        Set<String> vocabulary = Set.copyOf(CaptionedImage.vocabulary());
        for (String text : Stream.concat(task.classes().stream(), task.templates().stream())
                .toList()) {
            for (String word : text.split(" ")) {
                assertTrue(word.equals("{}") || vocabulary.contains(word), () -> word + " in " + text);
            }
        }
    }

    @Test
    void vocabulary_isSortedAndWithoutRepeats() {
        List<String> vocabulary = CaptionedImage.vocabulary();
        assertEquals(vocabulary.stream().sorted().distinct().toList(), vocabulary);
        assertTrue(vocabulary.stream().allMatch(w -> w.matches("[a-z]+|\\d|\\.")), vocabulary::toString);
    }

    @Test
    void captions_ofOneImage_differ() {
        Attributes a = images(1, false).get(0).attributes();
        Set<String> wordings = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            wordings.add(Captions.of(a, new Dice(i)));
        }
        assertTrue(wordings.size() > 20, wordings::toString);
    }

    @Test
    void batch_isAFunctionOfSeedAndIndex() {
        List<CaptionedImage> one = CaptionedImage.batch(SEED, 3, 8, false, true);
        List<CaptionedImage> same = CaptionedImage.batch(SEED, 3, 8, false, true);
        for (int i = 0; i < 8; i++) {
            assertEquals(one.get(i).caption(), same.get(i).caption());
            assertEquals(one.get(i).attributes(), same.get(i).attributes());
            assertArrayEquals(one.get(i).image().rgb(), same.get(i).image().rgb());
        }
        // A longer batch begins as a shorter one does; another index or seed gives another.
        assertArrayEquals(
                one.get(7).image().rgb(),
                CaptionedImage.batch(SEED, 3, 9, false, true).get(7).image().rgb());
        for (List<CaptionedImage> other : List.of(
                CaptionedImage.batch(SEED, 4, 8, false, true), CaptionedImage.batch(SEED + 1, 3, 8, false, true))) {
            assertFalse(Arrays.equals(
                    one.get(0).image().rgb(), other.get(0).image().rgb()));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void confusableBatches_shareFewColoursAndBackgrounds(boolean easy) {
        int fewKinds = 0;
        for (int index = 0; index < 40; index++) {
            List<CaptionedImage> batch = CaptionedImage.batch(SEED, index, SIZE, easy, true);
            // With three colours to choose from, one that differs from the background is always left.
            assertTrue(distinct(batch, Attributes::colour) <= 3);
            assertTrue(distinct(batch, Attributes::background) <= 2);
            assertTrue(batch.stream()
                    .noneMatch(p -> p.attributes().colour() == p.attributes().background()));
            fewKinds += distinct(batch, Attributes::kind) <= 5 ? 1 : 0;
        }
        // Every second one of the hard batches shares its kinds as well: 20 ± 4 · √(40 / 4). An easy one never does,
        // and 64 draws from twenty kinds all but surely show more than five.
        assertTrue(easy ? fewKinds == 0 : fewKinds >= 8 && fewKinds <= 32, "batches of few kinds: " + fewKinds);
    }

    @Test
    void otherBatches_haveAllColours() {
        for (int index = 0; index < 10; index++) {
            List<CaptionedImage> batch = CaptionedImage.batch(SEED, index, SIZE, false, false);
            // 64 draws miss one of twelve colours with a chance of 4 in 1,000; four of them, practically never.
            assertTrue(distinct(batch, Attributes::colour) > 8);
            assertTrue(distinct(batch, Attributes::background) > 8);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, .8, .2", "false, .4, .4"})
    void easyBatches_showMoreLargeSingleThings(boolean easy, double large, double several) {
        List<CaptionedImage> all = images(60, easy);
        double n = all.size();
        long larger = all.stream().filter(p -> p.attributes().large()).count();
        long more = all.stream().filter(p -> p.attributes().count() > 1).count();
        // Four deviations of a share of n draws; several things are drawn only where there is no large one.
        assertEquals(large, larger / n, 4 * .5 / Math.sqrt(n));
        assertEquals((1 - large) * several, more / n, 4 * .5 / Math.sqrt(n));
    }

    /**
     * SHA-256 of a batch's pixels and captions. Taken from this program: it says that every machine trains on the same,
     * not that it is right. Whoever changes it on purpose raises {@link CaptionedImage#WORLD_VERSION}.
     */
    @ParameterizedTest
    @CsvSource({
        "false, false, 5339b4071ea12b254309ed917349025146efc394b92c81b3bf00a4daa75562b7",
        "true, false, 27847ecabecead1778d86a864a36567b17983a0962738a34ec9353d440b50ed3",
        "false, true, 42ed44bf984af811f81403cae02f04db87f85dd4e27ad84ff2cb73aa60c1333b",
    })
    void batches_areTheSameOnEveryMachine(boolean easy, boolean confusable, String golden) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (CaptionedImage item : CaptionedImage.batch(1, 0, 16, easy, confusable)) {
            digest.update(item.image().rgb());
            digest.update(item.caption().getBytes(StandardCharsets.UTF_8));
        }
        assertEquals(golden, HexFormat.of().formatHex(digest.digest()));
    }

    private static List<CaptionedImage> images(int batches, boolean easy) {
        List<CaptionedImage> all = new ArrayList<>();
        for (int index = 0; index < batches; index++) {
            all.addAll(CaptionedImage.batch(SEED, index, SIZE, easy, false));
        }
        return all;
    }

    private static <T> long distinct(List<CaptionedImage> batch, Function<Attributes, T> attribute) {
        return batch.stream()
                .map(p -> attribute.apply(p.attributes()))
                .distinct()
                .count();
    }

    private static <T> String words(List<T> items, Function<T, String> word) {
        // Longer ones first, or "top" would be taken for "top left".
        return items.stream()
                .map(word)
                .sorted((a, b) -> b.length() - a.length())
                .collect(Collectors.joining("|"));
    }
}
