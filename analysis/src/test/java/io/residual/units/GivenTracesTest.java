package io.residual.units;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.data.Dataset;
import io.residual.data.ImageFolder;
import io.residual.data.Split;
import io.residual.data.Splitting;
import io.residual.fixtures.KitFixture;
import io.residual.model.ImageTextModel;
import io.residual.units.TraceFolder.Precision;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces that the user names stand for the images that they are of, by hash, and for no others. */
class GivenTracesTest {
    @TempDir
    Path temporary;

    private final List<String> steps = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private ImageTextModel model;

    private final Progress progress = new Progress() {
        @Override
        public void start(String step, long total) {
            steps.add(step);
        }

        @Override
        public void at(long done, String detail) {}

        @Override
        public void finish() {}
    };

    @BeforeEach
    void make() throws IOException {
        for (int i = 0; i < 12; i++) {
            draw(i, i);
        }
        // An image that cannot be decoded is in no trace, and does not make one strange.
        Files.writeString(temporary.resolve("images/class-0/broken.png"), "no image");
        model = ImageTextModel.open(KitFixture.unpack("clip-hf", temporary.resolve("model")));
    }

    @AfterEach
    void close() {
        model.close();
    }

    private void draw(int image, int colour) throws IOException {
        BufferedImage drawn = new BufferedImage(20, 16, BufferedImage.TYPE_INT_RGB);
        for (int p = 0; p < 320; p++) {
            drawn.setRGB(p % 20, p / 20, 0x10101 * (p * (colour + 3) % 200));
        }
        Path folder = Files.createDirectories(temporary.resolve("images/class-" + image % 2));
        ImageIO.write(drawn, "png", folder.resolve(image + ".png").toFile());
    }

    private Dataset dataset(Path folder) {
        return ImageFolder.open(folder, new Splitting(.3, .3, 1));
    }

    private Path traced(Precision precision) {
        Path folder = temporary.resolve("traces/train-" + precision);
        Dataset dataset = dataset(temporary.resolve("images"));
        TraceFolder.write(
                folder,
                new Tracer(model),
                dataset.train(),
                "train",
                dataset.prompts().classes(),
                "images train",
                precision,
                Progress.silent());
        return folder;
    }

    private GivenTraces given(Path folder) {
        return new GivenTraces(List.of(folder), model, new Tracer(model), notes::add);
    }

    private long tracings() {
        return steps.stream().filter(s -> s.startsWith("tracing")).count();
    }

    @Test
    void theSameImages_areNotTraced_andWhatIsMissingIs() {
        traced(Precision.FULL);
        // the folder above holds the trace, and the data are named by another path
        GivenTraces given = given(temporary.resolve("traces"));
        Dataset dataset = dataset(temporary.resolve("traces/../images"));
        Trace<Split.Train> found = given.trace(dataset.train(), "images train", progress);
        assertEquals(0, tracings());
        Trace<Split.Train> own = new Tracer(model).trace(dataset.train(), "images train", Progress.silent());
        assertEquals(own.names(), found.names());
        assertArrayEquals(own.labels(), found.labels());
        assertArrayEquals(
                TraceBlock.joined(own.blocks()).heads(),
                TraceBlock.joined(found.blocks()).heads(),
                0);
        assertTrue(notes.get(0).contains(own.size() + " images of " + temporary), notes.toString());
        assertTrue(notes.get(0).contains(" MB"), notes.toString());
        given.trace(dataset.validation(), "images validation", progress);
        assertEquals(1, tracings());
        assertTrue(notes.get(1).contains("no given trace is of images validation"), notes.toString());
    }

    @Test
    void aTraceOfSixteenBits_isTaken() {
        Path folder = traced(Precision.HALF);
        given(folder).trace(dataset(temporary.resolve("images")).train(), "images train", progress);
        assertEquals(0, tracings());
    }

    @Test
    void otherImages_otherLabels_orDamage_areRefused() throws IOException {
        Path folder = traced(Precision.FULL);
        Dataset whole = dataset(temporary.resolve("images"));
        InputException fewer = assertThrows(
                InputException.class, () -> given(folder).trace(whole.train().atMost(4, 1), "images train", progress));
        assertTrue(
                String.valueOf(fewer.getMessage()).contains("a trace of other images, images train"),
                fewer.getMessage());
        try (RandomAccessFile file =
                new RandomAccessFile(folder.resolve("shard-00000.safetensors").toFile(), "rw")) {
            file.seek(file.length() / 2);
            file.writeFloat(1e6f);
        }
        assertThrows(InputException.class, () -> given(folder).trace(whole.train(), "images train", progress));
        for (int i = 0; i < 12; i++) {
            draw(i, i + 20); // the same names and sizes
        }
        assertThrows(InputException.class, () -> given(folder).trace(whole.train(), "images train", progress));
        assertEquals(0, tracings());
    }

    @Test
    void anotherModel_orNoTrace_isRefused_beforeAnythingIsRead() throws IOException {
        Path folder = traced(Precision.FULL);
        try (ImageTextModel other =
                ImageTextModel.open(KitFixture.unpack("clip-openclip", temporary.resolve("other")))) {
            InputException e = assertThrows(
                    InputException.class, () -> new GivenTraces(List.of(folder), other, new Tracer(other), notes::add));
            assertTrue(String.valueOf(e.getMessage()).contains("a trace of the model"), e.getMessage());
        }
        assertThrows(InputException.class, () -> given(temporary.resolve("images")));
        assertThrows(InputException.class, () -> given(temporary.resolve("nowhere")));
    }
}
