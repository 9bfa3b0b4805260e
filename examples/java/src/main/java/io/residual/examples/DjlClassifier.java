package io.residual.examples;

import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import io.residual.Classifier;
import io.residual.Residual;
import io.residual.predict.Prediction;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A classifier with the types of DJL, images in and classifications out, for code that has been written against DJL's
 * {@code Predictor<Image, Classifications>}: {@code DjlClassifier model image class...}.
 */
public final class DjlClassifier {
    private final Classifier classifier;

    public DjlClassifier(Classifier classifier) {
        this.classifier = classifier;
    }

    public Classifications predict(Image image) {
        Prediction prediction = classifier.classify((BufferedImage) image.getWrappedImage());
        return new Classifications(classifier.classes(), prediction.probabilities());
    }

    public static void main(String[] args) throws IOException {
        List<String> classes = List.of(args).subList(2, args.length);
        try (Residual residual = Residual.open(args[0]);
                Classifier classifier = residual.zeroShot(classes)) {
            Image image = ImageFactory.getInstance().fromFile(Path.of(args[1]));
            Classifications.Classification best =
                    new DjlClassifier(classifier).predict(image).best();
            System.out.printf("%s (%.0f %%)%n", best.getClassName(), 100 * best.getProbability());
        }
    }
}
