package shop;

import io.residual.Classifier;
import io.residual.Residual;
import java.awt.image.BufferedImage;
import java.util.List;

/** Says what lies on a shelf. */
public final class Shelf implements AutoCloseable {
    private final Residual residual = Residual.open("world-clip");
    private final Classifier shapes = residual.zeroShot(List.of("circle", "square"), List.of("a {}."));

    public String label(BufferedImage image) {
        return shapes.classify(image).label();
    }

    @Override
    public void close() {
        shapes.close();
        residual.close();
    }
}
