package io.residual.alignment;

import io.residual.base.InputException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the parameters of an adapter are fitted.
 *
 * @param start where λ starts
 * @param means what becomes of the means
 * @param variance share of a head's variance that ResiDual* keeps
 * @param rate learning rate of λ
 * @param linearRate learning rate of the Linear Aligner
 * @param pull strength of the pull of λ towards 1: adds pull/2 · mean (λ − 1)² to the loss
 * @param batch images a step
 * @param epochs at most
 * @param patience epochs without a better validation accuracy after which it stops
 * @param seed of the order of images, and of a random start
 */
public record AlignmentSettings(
        Start start,
        ComponentDesign.Means means,
        double variance,
        double rate,
        double linearRate,
        double pull,
        int batch,
        int epochs,
        int patience,
        long seed) {
    /** Where λ starts. */
    public enum Start {
        /** At 1. */
        IDENTITY,
        /** At 1 + N(0, 1), as published. */
        RANDOM
    }

    /** What is used unless told otherwise. */
    public static final AlignmentSettings DEFAULT =
            new AlignmentSettings(Start.IDENTITY, ComponentDesign.Means.DROPPED, .9, .05, 1e-3, 0, 64, 60, 10, 0);

    public AlignmentSettings {
        require(variance >= 0 && variance <= 1, "the variance to keep", variance, "a share from 0 to 1");
        require(rate > 0 && linearRate > 0, "the learning rate", Math.min(rate, linearRate), "a positive number");
        require(pull >= 0, "the pull", pull, "0 or more");
        require(batch > 0, "the batch", batch, "1 or more");
        require(epochs > 0, "the epochs", epochs, "1 or more");
        require(patience > 0, "the patience", patience, "1 or more");
    }

    private static void require(boolean holds, String what, Object found, String expected) {
        if (!holds) {
            throw InputException.at(what, String.valueOf(found), expected, "Correct the option");
        }
    }

    /** The same with another limit of epochs. */
    public AlignmentSettings withEpochs(int limit) {
        return new AlignmentSettings(start, means, variance, rate, linearRate, pull, batch, limit, patience, seed);
    }

    /** By name, for provenance. */
    public Map<String, String> byName() {
        Map<String, String> all = new TreeMap<>();
        all.put("start", start.name().toLowerCase(Locale.ROOT));
        all.put("means", means.name().toLowerCase(Locale.ROOT));
        all.put("variance", String.valueOf(variance));
        all.put("rate", String.valueOf(rate));
        all.put("linear rate", String.valueOf(linearRate));
        all.put("pull", String.valueOf(pull));
        all.put("batch", String.valueOf(batch));
        all.put("epochs", String.valueOf(epochs));
        all.put("patience", String.valueOf(patience));
        return all;
    }
}
