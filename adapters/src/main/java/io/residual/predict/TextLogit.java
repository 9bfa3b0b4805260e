package io.residual.predict;

import io.residual.base.InputException;
import io.residual.model.ImageTextModel;
import io.residual.model.TextTokenizer.Overlong;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A text's logit as a direction in the shared space, for maps of it: the text's embedding of unit length times the model's logit
 * scale, or the difference of two texts'.
 *
 * @param what words for it
 * @param direction [D]
 */
public record TextLogit(String what, double[] direction) {
    /**
     * A text's, less another's where one is given.
     *
     * @throws InputException if the model has no text tower, or a text is empty or too long
     */
    public static TextLogit of(ImageTextModel model, String text, @Nullable String against) {
        double[] direction = direction(model, text);
        String what = "logit of the text '" + text + "'";
        if (against != null) {
            double[] less = direction(model, against);
            for (int j = 0; j < direction.length; j++) {
                direction[j] -= less[j];
            }
            what += " less that of '" + against + "'";
        }
        return new TextLogit(what, direction);
    }

    private static double[] direction(ImageTextModel model, String text) {
        if (!model.hasText()) {
            throw InputException.at(
                    "the text", "'" + text + "'", "a model with a text tower", "Leave it out, or take another model");
        }
        if (text.isBlank()) {
            throw InputException.at("the text", "nothing", "a text such as 'a red circle'", "Write one");
        }
        float[] t = model.meanDirection(List.of(text), Overlong.REFUSE);
        double square = 0;
        for (float v : t) {
            square += (double) v * v;
        }
        double[] direction = new double[t.length];
        for (int j = 0; j < t.length; j++) {
            direction[j] = t[j] / Math.sqrt(square) * model.logitScale();
        }
        return direction;
    }
}
