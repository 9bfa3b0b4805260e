package io.residual.zeroshot;

import io.residual.base.InputException;
import io.residual.data.Prompts;
import io.residual.data.Split;
import io.residual.model.ImageTextModel;
import io.residual.model.TextTokenizer.Overlong;
import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * The frozen class embeddings T; logits are logit_scale · normalise(ŷ) · T.
 *
 * @param classes C names
 * @param weights [D, C], columns of unit length times the logit scale, or class means as they are
 */
public record Classifier(List<String> classes, float[] weights) {
    public Classifier {
        classes = List.copyOf(classes);
        if (classes.isEmpty() || weights.length % classes.size() != 0) {
            throw new IllegalArgumentException(weights.length + " weights for " + classes.size() + " classes");
        }
    }

    /**
     * The classifier of a model: from prompts where it knows texts, else from class means. Where the model has no logit
     * scale of its own (BLIP, or no texts), logits of cosines would hardly tell classes apart and a fit would hardly move:
     * the scale that suits the training images best is used instead.
     *
     * @param train gives the traced training images, asked for only where they are needed
     */
    public static Classifier of(ImageTextModel model, Prompts prompts, Supplier<Trace<Split.Train>> train) {
        if (!needsImages(model)) {
            return fromPrompts(model, prompts);
        }
        Trace<Split.Train> images = train.get(); // once: giving them may mean tracing them
        return model.hasText()
                ? fromPrompts(model, prompts).scaledFor(images)
                : fromScaledClassMeans(images, prompts.classes());
    }

    /** Class means times the logit scale that suits the images they are of: the classifier of a model without texts. */
    public static Classifier fromScaledClassMeans(Trace<Split.Train> images, List<String> classes) {
        return fromClassMeans(images, classes).scaledFor(images);
    }

    /** Whether a model's classifiers depend on training images, because it has no text tower or no logit scale. */
    public static boolean needsImages(ImageTextModel model) {
        return !model.hasText() || model.logitScale() <= 1;
    }

    /** A copy with the logit scale that maximises the likelihood of the images' labels. */
    private Classifier scaledFor(Trace<Split.Train> trace) {
        List<double[]> logits = new ArrayList<>();
        for (TraceBlock block : trace.blocks()) {
            try (NativeScope scope = NativeScope.inference()) {
                logits.add(Tensors.doubles(logits(block.outputs())));
            }
        }
        double scale = 1 / Temperature.fit(logits, classes.size(), trace.labels());
        float[] scaled = new float[weights.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (float) (weights[i] * scale);
        }
        return new Classifier(classes, scaled).finite();
    }

    /** Class embeddings from a user's prompts; one that is too long for the model is refused. */
    public static Classifier fromPrompts(ImageTextModel model, Prompts prompts) {
        return fromPrompts(model, prompts, Overlong.REFUSE);
    }

    /** Class embeddings from prompts: the mean direction of each class's texts, times the logit scale. */
    public static Classifier fromPrompts(ImageTextModel model, Prompts prompts, Overlong overlong) {
        double scale = model.logitScale();
        if (!(scale > 0) || !Double.isFinite((float) scale)) {
            throw InputException.at(
                    model.folder() + ", tensor 'logit_scale'",
                    "the logarithm of " + scale,
                    "that of a finite number above 0",
                    Finite.SELF_CHECK);
        }
        int count = prompts.classes().size();
        float[] weights = new float[0];
        for (int c = 0; c < count; c++) {
            float[] direction = model.meanDirection(prompts.texts(c), overlong);
            weights = c == 0 ? new float[direction.length * count] : weights;
            for (int i = 0; i < direction.length; i++) {
                weights[i * count + c] = (float) (direction[i] * scale);
            }
        }
        return new Classifier(prompts.classes(), weights).finite();
    }

    /** For models without a text tower: the mean embedding of each class's training images, as in the paper. */
    public static Classifier fromClassMeans(Trace<Split.Train> trace, List<String> classes) {
        int d = trace.shape().sharedWidth();
        int count = classes.size();
        double[] sums = new double[d * count];
        int[] seen = new int[count];
        for (TraceBlock block : trace.blocks()) {
            for (int i = 0; i < block.size(); i++) {
                int label = block.labels()[i];
                seen[label]++;
                for (int j = 0; j < d; j++) {
                    sums[j * count + label] += block.output()[i * d + j];
                }
            }
        }
        for (int c = 0; c < count; c++) {
            if (seen[c] == 0) {
                throw InputException.at(
                        "the class '" + classes.get(c) + "'",
                        "no training image that can be read",
                        "at least one, since the model has no texts and takes the mean of images",
                        "Add training images of it, or take the class out");
            }
        }
        float[] weights = new float[sums.length];
        for (int i = 0; i < sums.length; i++) {
            weights[i] = (float) (sums[i] / seen[i % count]);
        }
        return new Classifier(classes, weights).finite();
    }

    /** T times the logit scale, [D, C], in this scope's native memory. */
    public Tensor matrix() {
        return Tensors.of(weights, (long) weights.length / classes.size(), classes.size());
    }

    /** These weights, if they are numbers: as a model with a logit scale or class means of any size may not give them. */
    Classifier finite() {
        Finite.require(weights, "the class embeddings", Finite.SELF_CHECK);
        return this;
    }

    /** Logits of embeddings. {@code features} [n, D], {@code matrix} from {@link #matrix()}; gives [n, C]. */
    public static Tensor logits(Tensor features, Tensor matrix) {
        return Ops.normalise(features).matmul(matrix);
    }

    /**
     * The number of images whose largest logit is that of their label.
     *
     * @param logits [n, C]
     */
    public static int right(Tensor logits, int... labels) {
        int[] chosen = Tensors.ints(Ops.argmaxRows(logits));
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += chosen[i] == labels[i] ? 1 : 0;
        }
        return right;
    }

    /** Logits of embeddings. {@code features} [n, D]; gives [n, C]. */
    public Tensor logits(Tensor features) {
        return logits(features, matrix());
    }
}
