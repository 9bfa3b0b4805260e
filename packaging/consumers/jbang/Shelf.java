///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS io.residual:residual:0.1.0
//DEPS io.residual:residual-natives-linux-x86_64:0.1.0
//DEPS io.residual:residual-world:0.1.0

import io.residual.Classifier;
import io.residual.Residual;
import java.nio.file.Path;
import java.util.List;

/** Says what an image shows: {@code jbang Shelf.java circle.png}. */
public final class Shelf {
    public static void main(String[] args) {
        try (Residual residual = Residual.open("world-clip");
                Classifier shapes = residual.zeroShot(List.of("circle", "square"), List.of("a {}."))) {
            System.out.println(shapes.classify(Path.of(args[0])).label());
        }
    }
}
