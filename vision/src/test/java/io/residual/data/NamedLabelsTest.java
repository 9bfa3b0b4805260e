package io.residual.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.catalogue.Datasets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedLabelsTest {
    private static final List<String> KINDS = List.of("bear", "car", "clock");

    @TempDir
    Path folder;

    /** Shapes in folders, split by shape exemplar; five exemplars of each texture. */
    private void images(String... more) throws IOException {
        for (String shape : KINDS) {
            for (int s = 1; s <= 4; s++) {
                Path where = Files.createDirectories(
                        folder.resolve(s == 4 ? "test" : "train").resolve(shape));
                for (String texture : KINDS) {
                    for (int t = 1; t <= 5; t++) {
                        Files.writeString(
                                where.resolve(shape + s + "-" + texture + t + ".png"), shape + s + texture + t);
                    }
                }
                for (String name : more) {
                    Files.writeString(where.resolve(name), name);
                }
            }
        }
    }

    private Dataset open(NamedLabels names) {
        Reading reading = new Reading(null, List.of(), false, names);
        return Datasets.open(folder.toString(), new Splitting(.2, .2, 42), reading, Progress.silent());
    }

    private static Set<String> names(LabelledImages<?> images, Dataset dataset) {
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < images.size(); i++) {
            String name = Path.of(images.name(i)).getFileName().toString();
            String texture = name.replaceAll(".*-([a-z]+).*", "$1");
            assertEquals(texture, dataset.prompts().classes().get(images.label(i)), "the label of " + images.name(i));
            names.add(name);
        }
        return names;
    }

    @Test
    void textures_areLabels_andNoTestTextureIsFittedOn() throws IOException {
        images();
        Dataset dataset = open(new NamedLabels("-([a-z]+)[0-9]+$", "-[a-z]+5$"));
        assertEquals(KINDS, dataset.prompts().classes());
        Set<String> test = names(dataset.test(), dataset);
        Set<String> fitted = names(dataset.train(), dataset);
        fitted.addAll(names(dataset.validation(), dataset));
        assertEquals(3 * 4 * 3, test.size());
        assertEquals(3 * 4 * 3 * 4, fitted.size());
        assertTrue(test.stream().allMatch(n -> n.endsWith("5.png")), test.toString());
        assertTrue(fitted.stream().noneMatch(n -> n.endsWith("5.png")), fitted.toString());
    }

    @Test
    void aNameWithoutALabel_isRefused_andNamed() throws IOException {
        images("holiday.png");
        NamedLabels names = new NamedLabels("-([a-z]+)[0-9]+$", "5$");
        String message = String.valueOf(
                assertThrows(InputException.class, () -> open(names)).getMessage());
        assertTrue(message.contains("holiday.png") && message.contains("-([a-z]+)[0-9]+$"), message);
    }

    @Test
    void aPatternWithoutAGroup_isRefused() {
        assertThrows(IllegalArgumentException.class, () -> new NamedLabels("-[a-z]+", "5$"));
        assertThrows(IllegalArgumentException.class, () -> new NamedLabels("-([a-z]+", "5$"));
    }

    /** Stored results are found by it. */
    @Test
    void aReadingWithoutNames_readsAsItAlwaysDid() {
        assertEquals("Reading[label=null, classes=[], pooled=false]", Reading.PLAIN.toString());
        List<String> different = new ArrayList<>();
        different.add(new Reading(null, List.of(), false, new NamedLabels("(a)", "b")).toString());
        different.add(new Reading(null, List.of(), false, new NamedLabels("(a)", "c")).toString());
        different.add(Reading.PLAIN.toString());
        assertEquals(3, different.stream().distinct().count());
    }
}
