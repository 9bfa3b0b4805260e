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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceFolderTest {
    @TempDir
    Path temporary;

    private Path images = Path.of("");

    @BeforeEach
    void draw() throws IOException {
        images = temporary.resolve("pictures");
        for (int i = 0; i < 45; i++) {
            BufferedImage image = new BufferedImage(20, 16, BufferedImage.TYPE_INT_RGB);
            for (int p = 0; p < 320; p++) {
                image.setRGB(p % 20, p / 20, 0x10101 * (p * (i + 3) % 200) ^ (i % 3 * 0x3000));
            }
            Path folder = Files.createDirectories(images.resolve("class-" + i % 3));
            ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
        }
    }

    private Path write(Precision precision) {
        Path target = temporary.resolve("trace-" + precision);
        try (ImageTextModel model =
                ImageTextModel.open(KitFixture.unpack("clip-hf", temporary.resolve("" + precision)))) {
            Dataset dataset = ImageFolder.open(images, new Splitting(.1, .1, 1));
            TraceFolder.write(
                    target,
                    new Tracer(model),
                    dataset.train(),
                    "train",
                    dataset.prompts().classes(),
                    "pictures",
                    precision,
                    Progress.silent());
        }
        return target;
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void points_areThoseOfTheTraceInMemory(Precision precision) {
        Path folder = write(precision);
        Trace<Split.Train> trace = TraceFolder.train(folder);
        List<UnitId> order = new ArrayList<>();
        TraceFolder.points(folder, trace.shape().ids(), points -> {
            order.add(points.unit());
            assertEquals(trace.size(), points.count());
            assertEquals(trace.shape().coordinates(points.unit()), points.width());
            assertArrayEquals(UnitPoints.of(trace, points.unit()).values(), points.values());
        });
        assertEquals(trace.shape().ids(), order);
        assertEquals(trace.blocks().stream().flatMap(b -> b.names().stream()).toList(), TraceFolder.names(folder));
        assertTrue(trace.provenance().decompositionError() < 1e-5);
    }

    /** Half precision keeps eleven bits: 5e-4 of a value. */
    @Test
    void half_isTheSameToThreeDigitsInHalfTheSpace() throws IOException {
        Path full = write(Precision.FULL);
        Path half = write(Precision.HALF);
        float[] a = TraceFolder.train(full).blocks().get(0).heads();
        float[] b = TraceFolder.train(half).blocks().get(0).heads();
        for (int i = 0; i < a.length; i++) {
            assertEquals(a[i], b[i], Math.abs(a[i]) * 5e-4 + 1e-7);
        }
        long bytes = Files.size(full.resolve("shard-00000.safetensors"));
        assertTrue(Files.size(half.resolve("shard-00000.safetensors")) < .75 * bytes);
    }

    @Test
    void read_asAnotherSplit_isRefused() {
        Path folder = write(Precision.FULL);
        InputException e = assertThrows(InputException.class, () -> TraceFolder.test(folder));
        assertTrue(String.valueOf(e.getMessage()).contains("train split"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"format\": \"residual-trace\", \"version\": 99}", "{\"format\": \"x\"}"})
    void manifest_thatIsNone_isRefusedByName(String content) throws IOException {
        Path folder = write(Precision.FULL);
        Files.writeString(folder.resolve("manifest.json"), content);
        InputException e = assertThrows(InputException.class, () -> TraceFolder.manifest(folder));
        assertTrue(String.valueOf(e.getMessage()).contains("manifest.json"), e.getMessage());
    }

    @Test
    void write_overSomethingElse_isRefusedAndLeavesIt() throws IOException {
        Path other = Files.createDirectories(temporary.resolve("trace-FULL"));
        Files.writeString(other.resolve("precious.txt"), "mine");
        assertThrows(InputException.class, () -> write(Precision.FULL));
        assertEquals("mine", Files.readString(other.resolve("precious.txt")));
    }
}
