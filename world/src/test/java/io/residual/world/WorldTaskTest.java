package io.residual.world;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.data.Dataset;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.images.Image;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WorldTaskTest {
    private static final long SEED = 5;

    @ParameterizedTest
    @CsvSource({
        "SHAPES, 10", "SKETCHES, 10", "COLORS, 12", "TEXTURES, 6", "DIGITS, 10",
        "STREET_DIGITS, 10", "POSITIONS, 9", "COUNTS, 4", "BACKGROUNDS, 12", "SIGNS, 20"
    })
    void labels_goRoundTheClasses(WorldTask task, int classes) {
        assertEquals(classes, task.classes().size());
        assertEquals(classes, Set.copyOf(task.classes()).size());
        TaskImages images = new TaskImages(task, SEED, 2 * classes + 3);
        assertEquals(2 * classes + 3, images.size());
        for (int i = 0; i < images.size(); i++) {
            assertEquals(i < classes ? i : i < 2 * classes ? i - classes : i - 2 * classes, images.label(i));
        }
    }

    @ParameterizedTest
    @EnumSource(WorldTask.class)
    void images_areAFunctionOfTheirSeed(WorldTask task) {
        TaskImages one = new TaskImages(task, SEED, 12);
        TaskImages same = new TaskImages(task, SEED, 12);
        TaskImages other = new TaskImages(task, SEED + 1, 12);
        // Backwards, so that nothing can hang on the order in which they are asked for.
        for (int i = 11; i >= 0; i--) {
            assertArrayEquals(one.read(i).rgb(), same.read(i).rgb());
            assertEquals(one.attributes(i), same.attributes(i));
            assertFalse(Arrays.equals(one.read(i).rgb(), other.read(i).rgb()));
        }
    }

    @ParameterizedTest
    @EnumSource(WorldTask.class)
    void attributes_agreeWithTheLabel(WorldTask task) {
        TaskImages images = new TaskImages(task, SEED, 240);
        for (int i = 0; i < images.size(); i++) {
            Attributes a = images.attributes(i);
            int label = images.label(i);
            String named = task.classes().get(label);
            // What each label means, spelt out from its class name rather than from its index.
            switch (task) {
                case SHAPES, SKETCHES -> assertEquals(named, article(a.kind().word()));
                case COLORS -> assertEquals(named, article(a.colour().word()) + " object");
                case TEXTURES -> {
                    assertEquals(named, "a " + a.texture().word() + " square");
                    assertEquals(Kind.SQUARE, a.kind());
                }
                case DIGITS, STREET_DIGITS ->
                    assertEquals(named, "the number " + a.kind().digit());
                case POSITIONS -> {
                    Place place = a.place();
                    assertEquals(named, place == null ? "nowhere" : "an object at the " + place.words());
                }
                case COUNTS ->
                    assertEquals(
                            named,
                            List.of("one object", "two objects", "three objects", "four objects")
                                    .get(a.count() - 1));
                case BACKGROUNDS ->
                    assertEquals(named, "an object on " + article(a.background().word()) + " background");
                case SIGNS ->
                    assertEquals(
                            named, "a " + a.colour().word() + " " + a.kind().word());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(WorldTask.class)
    void attributes_agreeWithWhatIsDrawn(WorldTask task) {
        for (int i = 0; i < 120; i++) {
            int label = i % task.classes().size();
            Scene scene = task.scene(label, Dice.of(SEED, i));
            Attributes a = scene.attributes();
            Thing subject = scene.things().get(scene.things().size() - 1);
            assertEquals(a.kind(), subject.kind());
            assertEquals(a.colour(), subject.colour());
            assertEquals(a.texture(), subject.texture());
            assertEquals(a.background(), scene.background());
            assertEquals(a.backgroundTexture(), scene.backgroundTexture());
            // A thing of its background's colour could not be seen; a texture of one colour would be none.
            assertNotEquals(a.background(), a.colour());
            assertTrue(a.texture() == Texture.SOLID || subject.second() != a.colour());
            // The two neighbours of a street digit are not what the image is of.
            assertEquals(a.count(), scene.things().size() - (task == WorldTask.STREET_DIGITS ? 2 : 0));
            Place place = a.place();
            if (place == null) {
                assertTrue(a.count() > 1 || a.large());
            } else {
                assertEquals(1, a.count());
                assertFalse(a.large());
                assertEquals(place, nearest(subject));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(WorldTask.class)
    void subject_liesWithinTheImage(WorldTask task) {
        for (int i = 0; i < 120; i++) {
            Scene scene = task.scene(i % task.classes().size(), Dice.of(SEED, i));
            Thing subject = scene.things().get(scene.things().size() - 1);
            assertTrue(subject.x() > .1 && subject.x() < .9 && subject.y() > .1 && subject.y() < .9);
            // Below a tenth of the side it has fewer than five pixels across and cannot be told.
            assertTrue(subject.radius() * 2 > .1, () -> subject.toString());
        }
    }

    @Test
    void counts_keepThingsApart() {
        for (int i = 0; i < 200; i++) {
            List<Thing> things = WorldTask.COUNTS.scene(3, Dice.of(SEED, i)).things();
            for (int a = 0; a < things.size(); a++) {
                for (int b = a + 1; b < things.size(); b++) {
                    double dx = things.get(a).x() - things.get(b).x();
                    double dy = things.get(a).y() - things.get(b).y();
                    // A thing whose middle another one covers could not be counted.
                    assertTrue(Math.hypot(dx, dy)
                            > Math.max(things.get(a).radius(), things.get(b).radius()));
                }
            }
        }
    }

    /**
     * SHA-256 of the first 20 test images of each task, one after another. Taken from this program: they say that
     * every machine and Java version draws the same, not that what is drawn is right. Whoever changes the world's
     * images on purpose replaces them, and raises {@link CaptionedImage#WORLD_VERSION}.
     */
    @ParameterizedTest
    @CsvSource({
        "SHAPES, ba96e6165bfa44fe70accf7f1d54615a28ce4c141b5aa8edfcddebb616ff6a12",
        "SKETCHES, 36d3aab22b373c2db4c5fda1b414cd21946610009b6032f7d50835a7cab17691",
        "COLORS, 6419dff29a961d3b6ee27cfb56faf018556a136bd295b79f783d9ea382eccf16",
        "TEXTURES, 7d2df9e1445ba1dfa4e18a6ae79aee1c3824d9e29c2bc0a35b990057977055c3",
        "DIGITS, dff17485fa6e6e146554d233ee2726a02d2bef9ac19e282e7f8a6e839bbb0c7b",
        "STREET_DIGITS, 4409635b813a3983028715120a38dd22dce8345f2b19b4640f283e6adcc0feed",
        "POSITIONS, 6542dab241a0dfe567774ec026870ae631a7e31d58e4bf355345f175578702e8",
        "COUNTS, 866c7b8ab2fb6bebc0ef03da01693bc14cc1c3b0b8a5cb94f7d7ea97d31b760f",
        "BACKGROUNDS, 49682e7a53e5aa4e4fbf8f25ee71ba4f4e9e70a5d5682f1e3177a9e97e082a5e",
        "SIGNS, f85f63c9bf077056ea2d7c610a46aca0469d2678a931cac1ace30613866a3c5f"
    })
    void images_areTheSameOnEveryMachine(WorldTask task, String golden) throws Exception {
        MessageDigest digest = sha256();
        LabelledImages<Split.Test> test = WorldDatasets.of(task).test();
        for (int i = 0; i < 20; i++) {
            digest.update(test.read(i).rgb());
        }
        assertEquals(golden, HexFormat.of().formatHex(digest.digest()));
    }

    @ParameterizedTest
    @EnumSource(WorldTask.class)
    void splits_shareNoImage(WorldTask task) throws Exception {
        Dataset dataset = WorldDatasets.of(task);
        assertEquals(2000, dataset.train().size());
        assertEquals(500, dataset.validation().size());
        assertEquals(1000, dataset.test().size());
        Set<String> seen = new HashSet<>();
        int read = 0;
        for (LabelledImages<?> split : List.of(dataset.train(), dataset.validation(), dataset.test())) {
            for (int i = 0; i < 250; i++) {
                seen.add(HexFormat.of().formatHex(sha256().digest(split.read(i).rgb())));
                read++;
            }
        }
        assertEquals(read, seen.size());
    }

    @ParameterizedTest
    @EnumSource(WorldTask.class)
    void dataset_hasTheTasksClassesAndLabels(WorldTask task) {
        Dataset dataset = WorldDatasets.of(task);
        assertEquals(task.id(), dataset.name());
        assertEquals("world:" + task.id(), dataset.origin());
        assertEquals(task.classes(), dataset.prompts().classes());
        assertEquals(task.templates(), dataset.prompts().templates());
        for (LabelledImages<?> split : List.of(dataset.train(), dataset.validation(), dataset.test())) {
            long[] counts = new long[task.classes().size()];
            for (int label : split.labels()) {
                counts[label]++;
            }
            // Going round the classes, no class gets two more than another.
            assertTrue(Arrays.stream(counts).max().orElse(9)
                            - Arrays.stream(counts).min().orElse(0)
                    <= 1);
        }
        assertEquals("world:" + task.id() + "#3", dataset.test().name(3));
    }

    @Test
    void general_isAsLargeAsAskedAndVaried() throws Exception {
        LabelledImages<Split.Train> general = WorldDatasets.general(60);
        assertEquals(60, general.size());
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            Image image = general.read(i);
            assertArrayEquals(image.rgb(), WorldDatasets.general(80).read(i).rgb());
            seen.add(HexFormat.of().formatHex(sha256().digest(image.rgb())));
        }
        assertEquals(60, seen.size());
        assertEquals("world:general#7", general.name(7));
        assertTrue(IntStream.of(general.labels()).allMatch(label -> label == 0));
    }

    @ParameterizedTest
    @EnumSource(WorldTask.class)
    void task_isFoundByItsId(WorldTask task) {
        assertEquals(task, WorldDatasets.task(task.id()));
        assertTrue(task.id().matches("[a-z]+(-[a-z]+)*"), task.id());
    }

    @Test
    void task_ofAnUnknownId_isRefusedWithTheKnownOnes() {
        InputException e = assertThrows(InputException.class, () -> WorldDatasets.task("street_digits"));
        assertEquals(
                "the task of the embedded world: found 'world:street_digits'. Did you mean 'world:street-digits'?"
                        + " Expected one of world:shapes, world:sketches, world:colors, world:textures, world:digits,"
                        + " world:street-digits, world:positions, world:counts, world:backgrounds, world:signs.",
                e.getMessage());
    }

    @Test
    void aSketch_isAnOutlineOnPaper() {
        for (int i = 0; i < 50; i++) {
            Scene scene = WorldTask.SKETCHES.scene(i % 10, Dice.of(SEED, i));
            assertTrue(scene.things().get(0).outline());
            assertEquals(Colour.BLACK, scene.attributes().colour());
            assertNull(scene.attributes().place());
        }
    }

    private static String article(String word) {
        return (List.of('a', 'e', 'i', 'o', 'u').contains(word.charAt(0)) ? "an " : "a ") + word;
    }

    private static Place nearest(Thing thing) {
        return Place.ALL.stream()
                .min(Comparator.comparingDouble(p -> Math.hypot(thing.x() - p.x(), thing.y() - p.y())))
                .orElseThrow();
    }

    private static MessageDigest sha256() throws NoSuchAlgorithmException {
        return MessageDigest.getInstance("SHA-256");
    }
}
