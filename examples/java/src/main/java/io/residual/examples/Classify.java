package io.residual.examples;

import io.residual.Classifier;
import io.residual.Residual;
import io.residual.predict.Prediction;
import java.nio.file.Path;
import java.util.List;

/** What images show: {@code Classify model adapter image…}; the model is a folder, a hub name or one that ships. */
public final class Classify {
    private Classify() {}

    public static void main(String[] args) {
        try (Residual residual = Residual.open(args[0]);
                Classifier classifier = residual.classifier(Path.of(args[1]))) {
            for (String image : List.of(args).subList(2, args.length)) {
                Prediction seen = classifier.classify(Path.of(image));
                System.out.printf(
                        "%s: %s (%.1f %%)%s%n",
                        image, seen.label(), 100 * seen.probability(), seen.accepted() ? "" : ", unsure");
            }
        }
    }
}
