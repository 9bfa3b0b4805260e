package io.residual.examples;

import io.residual.Classifier;
import io.residual.Residual;
import java.nio.file.Path;

/** The class of an image: {@code ThreeLines model adapter image}. */
public final class ThreeLines {
    private ThreeLines() {}

    public static void main(String[] args) {
        try (Residual residual = Residual.open(args[0]);
                Classifier classifier = residual.classifier(Path.of(args[1]))) {
            System.out.println(classifier.classify(Path.of(args[2])).label());
        }
    }
}
