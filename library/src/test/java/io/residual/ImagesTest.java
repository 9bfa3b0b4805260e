package io.residual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.data.Dataset;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagesTest {
    @TempDir
    Path folder;

    /** Whatever is said after them, corrections apply. */
    @Test
    void corrections_apply_withLimitsAndSplits() throws IOException {
        for (String name : List.of("cat", "dog")) {
            for (int i = 0; i < 10; i++) {
                Path file = folder.resolve("photos/" + name + "/" + i + ".png");
                Files.createDirectories(file.getParent());
                ImageIO.write(new BufferedImage(8, 8 + i, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
            }
        }
        Path table = Files.writeString(
                folder.resolve("fixes.csv"), "file,action,value\ncat/0.png,drop,\ncat/1.png,label,dog\n");
        Dataset plain = Images.of(folder.resolve("photos")).open(Progress.silent());
        Dataset corrected = Images.of(folder.resolve("photos"))
                .labels(table)
                .split(.25, .25, 7)
                .atMost(0, 0, 0)
                .open(Progress.silent());
        assertEquals(plain.size() - 1, corrected.size());
        assertThrows(
                InputException.class, () -> Images.of(folder.resolve("photos")).labels(folder.resolve("none.csv")));
    }
}
