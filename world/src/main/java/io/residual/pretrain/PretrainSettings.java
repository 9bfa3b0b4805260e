package io.residual.pretrain;

import io.residual.base.InputException;

/**
 * Settings of a pre-training run. Immutable.
 *
 * @param architecture the architecture
 * @param images total number of training images; each is drawn afresh
 * @param batch batch size
 * @param rate learning rate after the warm-up
 * @param seed of the weights and the images
 * @param evaluateEvery steps between looks at the ten tasks, and between checkpoints
 */
public record PretrainSettings(
        Architecture architecture, long images, int batch, double rate, long seed, int evaluateEvery) {
    /** The settings of the models that ship. */
    public static final PretrainSettings DEFAULT =
            new PretrainSettings(Architecture.CLIP, 1_200_000, 128, 1e-3, 1, 500);

    public PretrainSettings {
        if (batch < 2 || images < batch || !(rate > 0) || evaluateEvery < 1) {
            throw InputException.at(
                    "the settings of pre-training",
                    images + " images in batches of " + batch + ", rate " + rate + ", evaluation every "
                            + evaluateEvery,
                    "a batch of at least 2, at least one batch of images, a positive rate, evaluation every 1 or more steps",
                    "Correct the options");
        }
    }

    /** A CLIP. */
    public PretrainSettings(long images, int batch, double rate, long seed, int evaluateEvery) {
        this(Architecture.CLIP, images, batch, rate, seed, evaluateEvery);
    }

    /** The total number of steps. */
    long steps() {
        return images / batch;
    }

    /** The rate of one step: linear warm-up over 100 steps, level, then a cosine to nothing over the last half. */
    double rateAt(long step) {
        double warm = Math.min(1, (step + 1) / 100.0);
        double done = (double) step / steps();
        return rate * warm * (done < .5 ? 1 : .5 * (1 + Math.cos(Math.PI * (done - .5) / .5)));
    }

    /** Whether a step's images are mostly large single things: two of three during the first two fifths. */
    boolean easyAt(long step) {
        return step < steps() * .4 && step % 3 != 0;
    }

    /** Whether a step's images share their colours: every second, once the easy attributes are in. */
    static boolean confusableAt(long step) {
        return step > 250 && step % 2 == 0;
    }
}
