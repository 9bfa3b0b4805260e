package shop.gradle;

import io.residual.Classifier;
import io.residual.Residual;
import java.nio.file.Path;
import java.util.List;

/** Says what an image shows. */
public final class Shelf {
    private Shelf() {}

    public static void main(String[] args) {
        try (Residual residual = Residual.open("world-clip");
                Classifier shapes = residual.zeroShot(List.of("circle", "square"), List.of("a {}."))) {
            System.out.println(shapes.classify(Path.of(args[0])).label());
        }
    }
}
