package io.residual.examples;

import io.residual.catalogue.Models;
import io.residual.prediction.Prediction;
import io.residual.prediction.Predictor;
import java.nio.file.Path;
import java.util.List;

/** What pictures show: {@code Classify model adapter picture…}; the model is a folder, a hub name or one that ships. */
public final class Classify {
    private Classify() {}

    public static void main(String[] args) {
        try (Predictor predictor = Predictor.with(Models.open(args[0]), Path.of(args[1]))) {
            for (String picture : List.of(args).subList(2, args.length)) {
                Prediction seen = predictor.predict(Path.of(picture));
                System.out.printf(
                        "%s: %s (%.1f %%)%s%n",
                        picture, seen.label(), 100 * seen.probability(), seen.accepted() ? "" : ", unsure");
            }
        }
    }
}
