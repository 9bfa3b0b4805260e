package io.residual.pretrain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.Progress;
import io.residual.data.Dataset;
import io.residual.data.ImageFolder;
import io.residual.data.Splitting;
import io.residual.pretrain.Curriculum.Shown;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCurriculumTest {
    private static final PretrainSettings SETTINGS = new PretrainSettings(16 * 40, 16, 1e-3, 3, 20);

    @TempDir
    Path temporary;

    /** Twenty images of each of three colours, 60 × 40, a shade apart from one another. */
    private Dataset colours() throws IOException {
        for (Map.Entry<String, Integer> colour :
                Map.of("ruby", 0xC00000, "grass", 0x00C000, "sea", 0x0000C0).entrySet()) {
            Path folder = Files.createDirectories(temporary.resolve("data").resolve(colour.getKey()));
            for (int i = 0; i < 20; i++) {
                BufferedImage image = new BufferedImage(60, 40, BufferedImage.TYPE_INT_RGB);
                for (int p = 0; p < 60 * 40; p++) {
                    image.setRGB(p % 60, p / 60, colour.getValue() + i * 0x010101);
                }
                ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
            }
        }
        return ImageFolder.open(temporary.resolve("data"), Splitting.DEFAULT);
    }

    @Test
    void batch_isOfTrainingImagesWithTheirClassesNames_andOfTheStepAlone() throws IOException {
        Dataset dataset = colours();
        Curriculum curriculum = new ImageCurriculum(List.of(dataset));
        assertEquals(curriculum.id(), new ImageCurriculum(List.of(dataset)).id());
        List<Shown> batch = curriculum.batch(SETTINGS, 7);
        assertEquals(SETTINGS.batch(), batch.size());
        for (Shown shown : batch) {
            assertEquals(48, shown.image().width());
            assertEquals(48, shown.image().height());
            int r = shown.image().at(24, 24, 0);
            int g = shown.image().at(24, 24, 1);
            int b = shown.image().at(24, 24, 2);
            String name = r > g && r > b ? "ruby" : g > b ? "grass" : "sea";
            assertTrue(shown.caption().contains(name), shown.caption() + " of " + r + " " + g + " " + b);
        }
        List<Shown> again = new ImageCurriculum(List.of(dataset)).batch(SETTINGS, 7);
        for (int i = 0; i < batch.size(); i++) {
            assertEquals(batch.get(i).caption(), again.get(i).caption());
            assertArrayEquals(batch.get(i).image().rgb(), again.get(i).image().rgb());
        }
        assertNotEquals(
                batch.stream().map(Shown::caption).toList(),
                curriculum.batch(SETTINGS, 8).stream().map(Shown::caption).toList());
    }

    @Test
    void vocabulary_isOfClassesAndTemplates() throws IOException {
        List<String> words = new ImageCurriculum(List.of(colours())).vocabulary();
        assertTrue(words.containsAll(List.of("ruby", "grass", "sea", "photo", "of", "a")), words::toString);
    }

    /** The exams are validation images; three plain colours are learned in forty steps. */
    @Tag("thorough")
    @Test
    void run_learnsWhatItIsShown() throws Exception {
        Pretrainer run = new Pretrainer(
                SETTINGS, new ImageCurriculum(List.of(colours())), temporary.resolve("run"), Progress.silent());
        run.run();
        String[] lines = run.curve().split("\n");
        assertEquals("step,loss,scale,data", lines[0]);
        double last = Double.parseDouble(lines[lines.length - 1].split(",")[3]);
        // A third by chance, of 12 images.
        assertTrue(last > .6, run.curve());
        assertTrue(Files.exists(run.model().resolve("model.safetensors")));
    }
}
