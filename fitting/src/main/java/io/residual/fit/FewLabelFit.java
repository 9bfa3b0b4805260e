package io.residual.fit;

import io.residual.adapt.Adapter;
import io.residual.adapt.Method;
import io.residual.adapt.TextHead;
import io.residual.fit.Trainer.Epoch;
import io.residual.fit.Trainer.Fitted;
import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Fits the methods for few labels. None chooses on validation, so every label trains; validation is evaluated once, for the
 * record. For one thread.
 */
final class FewLabelFit {
    private final Samples train;
    private final Samples validation;
    private final Classifier classifier;
    private final Unlabelled unlabelled;

    /**
     * The fits of some labelled images.
     *
     * @param unlabelled other training images, without their labels
     */
    FewLabelFit(Samples train, Samples validation, Classifier classifier, Unlabelled unlabelled) {
        this.train = train;
        this.validation = validation;
        this.classifier = classifier;
        this.unlabelled = unlabelled;
    }

    /** An adapter with the strength that was used or chosen; 0 where the method has none. */
    private record Made(Adapter adapter, double strength) {}

    /** Fits a method. */
    Fitted fit(Method method) {
        Made made;
        String note;
        try (NativeScope scope = NativeScope.nested()) {
            Labelled given = Labelled.of(train.data().coefficients(), train.labels(), classifier);
            made = make(method, given);
            note = note(method, given);
        }
        Epoch look = validation
                .evaluate(
                        0,
                        made.strength,
                        loss(made.adapter),
                        logits(made.adapter, validation.data().coefficients()))
                .requireFinite();
        return new Fitted(made.adapter, look, List.of(look), 0, note);
    }

    private Tensor logits(Adapter adapter, Tensor y) {
        return adapter.logits(adapter instanceof Adapter.LinearMap map ? map.mapped(y) : y, classifier);
    }

    /** Mean cross-entropy of the training images, by blocks. */
    private double loss(Adapter adapter) {
        int n = train.size();
        double sum = 0;
        for (int from = 0; from < n; from += Labelled.BLOCK) {
            int many = Math.min(Labelled.BLOCK, n - from);
            try (NativeScope scope = NativeScope.nested()) {
                Tensor logits = logits(adapter, train.data().coefficients().narrow(0, from, many));
                Tensor targets = Tensors.indices(Arrays.copyOfRange(train.labels(), from, from + many));
                sum += many * Ops.crossEntropy(logits, targets).item_double();
            }
        }
        return sum / n;
    }

    private Made make(Method method, Labelled given) {
        double byShots = TextProbeFit.strength(given);
        return switch (method) {
            case GDA -> gaussian(given);
            case KERNEL_RIDGE -> {
                KernelRidgeFit.Found found = KernelRidgeFit.fit(given);
                double strength = Double.isFinite(found.strength()) ? found.strength() : 0;
                yield new Made(found.votes(), strength);
            }
            case TEXT_PROBE -> new Made(probe(method, given, TextProbeFit.plain(given)), byShots);
            case CLAP -> new Made(probe(method, given, TextProbeFit.clap(given)), 0);
            case LP_PLUS -> new Made(probe(method, given, TextProbeFit.lpPlusPlus(given)), 0);
            case TASK_RES -> new Made(probe(method, given, TextProbeFit.taskRes(given)), 0);
            case CROSS_MODAL -> new Made(probe(method, given, TextProbeFit.crossModal(given)), byShots);
            case RLA -> {
                float[] map = numbers(RegularisedMapFit.fit(given));
                yield new Made(new Adapter.LinearMap(method, map, new float[given.width()]), byShots);
            }
            case TRANSCLIP_ZERO -> {
                Tensor all = Labelled.unit(unlabelled.with(train.data().coefficients()));
                yield transductive(method, TransductiveFit.zeroShot(all, given));
            }
            case TRANSCLIP -> {
                Tensor others = unlabelled.tensor(given.width());
                yield transductive(method, TransductiveFit.fewShot(Labelled.unit(others), given));
            }
            default -> throw new IllegalArgumentException(method + " is no method for few labels");
        };
    }

    private static Made gaussian(Labelled given) {
        GaussianFit.Found found = GaussianFit.fit(given);
        return new Made(
                new TextHead(
                        Method.GDA,
                        numbers(Ops.scale(found.weight(), found.alpha())),
                        numbers(Ops.scale(found.bias(), found.alpha()))),
                found.alpha());
    }

    private static Made transductive(Method method, TransductiveFit.Found found) {
        return new Made(new TextHead(method, numbers(found.weight()), numbers(found.bias())), found.gamma());
    }

    /** Class weights as what they add to the prompts. {@code w} [D, C], acting on embeddings of unit length. */
    private static Adapter probe(Method method, Labelled given, Tensor w) {
        return new TextHead(method, numbers(w.sub(given.text())), new float[given.classes()]);
    }

    static float[] numbers(Tensor values) {
        return Finite.require(Tensors.floats(values), "what was fitted", Finite.SELF_CHECK);
    }

    /** That all images are one and the same; null if they are not. */
    static @Nullable String nothing(Method method, Labelled given) {
        return given.size() < 2 || !given.allTheSame()
                ? null
                : method.label() + ": all " + given.size() + " training images have the same embedding, so that nothing"
                        + " tells the classes apart; check the images";
    }

    /** What is to be known of a fit: that nothing could be learned, or that no image was without a label. */
    private @Nullable String note(Method method, Labelled given) {
        String nothing = nothing(method, given);
        if (nothing != null) {
            return nothing;
        }
        if (method == Method.TRANSCLIP && unlabelled.count() == 0) {
            return method.label()
                    + ": every training image has a label, and none is left to be used without; give fewer"
                    + " labels with --shots, or take another method";
        }
        return null;
    }
}
