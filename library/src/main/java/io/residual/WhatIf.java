package io.residual;

import io.residual.images.Preprocessing;
import io.residual.intervene.Activations;
import io.residual.intervene.Interventions;
import io.residual.model.ImageTower;
import io.residual.predict.Prediction;
import io.residual.predict.Predictor;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What a classifier would answer if heads or MLPs were other than they are. Units are changed inside the forward pass, at every
 * token, and everything after them is computed anew. Immutable: every change returns a copy with one more, and changes are made in
 * the order in which they were added. Safe for several threads; usable until its classifier is closed.
 *
 * <pre>{@code
 * UnitId head = new UnitId(UnitId.Kind.HEAD, 5, 0);
 * WhatIf without = classifier.whatIf().zero(head);
 * }</pre>
 */
public final class WhatIf {
    private final ImageTower tower;
    private final Predictor predictor;
    private final Interventions changes;

    WhatIf(ImageTower tower, Predictor predictor, Interventions changes) {
        this.tower = tower;
        this.predictor = predictor;
        this.changes = changes;
    }

    private WhatIf with(Interventions more) {
        more.hooks(tower); // refuses a unit that the model has not
        return new WhatIf(tower, predictor, more);
    }

    /**
     * Nothing is left of a unit.
     *
     * @param unit a head, or an MLP of a block
     * @return this with one more change
     * @throws io.residual.base.InputException if the model has no such head or MLP
     */
    public WhatIf zero(UnitId unit) {
        return with(changes.zero(unit));
    }

    /**
     * A unit is multiplied.
     *
     * @param unit as for {@link #zero(UnitId)}
     * @param factor 0 removes it, 1 leaves it as it is
     * @return this with one more change
     * @throws io.residual.base.InputException as {@link #zero(UnitId)} does
     */
    public WhatIf scale(UnitId unit, double factor) {
        return with(changes.scale(unit, factor));
    }

    /**
     * A unit is what it is on average over some images, token by token.
     *
     * @param unit as for {@link #zero(UnitId)}
     * @param reference images; one gives what the unit is on that image (patching)
     * @return this with one more change
     * @throws io.residual.base.InputException as {@link #zero(UnitId)} does, or if a file cannot be read as an image
     * @throws IllegalArgumentException if there is no image
     */
    public WhatIf mean(UnitId unit, List<Path> reference) {
        if (reference.isEmpty()) {
            throw new IllegalArgumentException("the mean of no images");
        }
        Activations.Mean mean = new Activations.Mean(tower);
        for (Path image : reference) {
            float[] pixels = pixels(image);
            Preprocessing size = predictor.preprocessing();
            try (NativeScope scope = NativeScope.inference()) {
                Tensor input = Tensors.of(pixels, 1, 3, size.inputHeight(), size.inputWidth());
                mean.add(input);
            }
        }
        return with(changes.replace(unit, mean.mean()));
    }

    /**
     * The class of an image with these changes.
     *
     * @param image a file as for {@link Classifier#classify(Path)}
     * @return its class and the probabilities of all C
     * @throws io.residual.base.InputException if the file cannot be read as an image
     */
    public Prediction classify(Path image) {
        return predictor.predict(pixels(image), 1, changes.hooks(tower)).get(0);
    }

    /**
     * The logits of an image with these changes, before temperature scaling.
     *
     * @param image a file as for {@link Classifier#classify(Path)}
     * @return C numbers, in the order of {@link Classifier#classes()}
     * @throws io.residual.base.InputException if the file cannot be read as an image
     */
    public List<Double> logits(Path image) {
        List<Double> all = new ArrayList<>();
        for (double logit : predictor.logits(pixels(image), 1, changes.hooks(tower))) {
            all.add(logit);
        }
        return all;
    }

    private float[] pixels(Path image) {
        return Classifier.pixels(predictor, image);
    }
}
