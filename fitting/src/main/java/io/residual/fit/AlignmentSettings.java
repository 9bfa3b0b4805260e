package io.residual.fit;

import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.base.InputException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Settings of adapters and their fits. Immutable; constructors validate.
 *
 * @param start initial λ; the L-BFGS fit always starts at 1
 * @param means treatment of the units' means
 * @param starOthers treatment of everything that ResiDual* and Coarse do not weigh; {@link Others#KEPT} also keeps
 *     means and the part outside the components' span
 * @param variance share of a head's variance that ResiDual* keeps
 * @param fitting the optimiser and its settings
 * @param seed seed of the order of images and of random initial weights
 * @param goal what head ablation improves
 */
public record AlignmentSettings(
        Start start, Means means, Others starOthers, double variance, Fitting fitting, long seed, Goal goal) {
    /** What head ablation improves on validation. */
    public enum Goal {
        /** The share of images that are right. */
        ACCURACY,
        /** The share of the class that fares worst. */
        WORST_CLASS
    }

    /** With head ablation for accuracy. */
    public AlignmentSettings(Start start, Means means, Others starOthers, double variance, Fitting fitting, long seed) {
        this(start, means, starOthers, variance, fitting, seed, Goal.ACCURACY);
    }

    /** Initial λ. */
    public enum Start {
        /** At 1. */
        IDENTITY,
        /** At 1 + N(0, 1), as published. */
        RANDOM
    }

    /** The optimiser and its settings. */
    public sealed interface Fitting {
        /** The settings by name, for provenance. */
        Map<String, String> byName();
    }

    /**
     * Mini-batch training; validation selects the epoch.
     *
     * @param optimiser the optimiser
     * @param rate learning rate of λ
     * @param linearRate learning rate of the Linear Aligner
     * @param penalty strength s of a penalty, s/2 times what {@link Path#penalties} says, on each batch's loss
     * @param batch batch size
     * @param epochs maximum number of epochs
     * @param patience early stopping after so many epochs without better validation accuracy
     */
    public record Epochs(
            Optimiser optimiser, double rate, double linearRate, double penalty, int batch, int epochs, int patience)
            implements Fitting {
        public Epochs {
            require(rate > 0 && Double.isFinite(rate), "rate", rate, "a positive number");
            require(linearRate > 0 && Double.isFinite(linearRate), "linear-rate", linearRate, "a positive number");
            require(penalty >= 0 && Double.isFinite(penalty), "penalties", penalty, "0 or more");
            require(batch > 0, "batch", batch, "1 or more");
            require(epochs > 0, "epochs", epochs, "1 or more");
            require(patience > 0, "patience", patience, "1 or more");
        }

        @Override
        public Map<String, String> byName() {
            return Map.of(
                    "fit", optimiser.name().toLowerCase(Locale.ROOT),
                    "rate", String.valueOf(rate),
                    "linear_rate", String.valueOf(linearRate),
                    "penalty", String.valueOf(penalty),
                    "batch", String.valueOf(batch),
                    "epochs", String.valueOf(epochs),
                    "patience", String.valueOf(patience));
        }
    }

    /**
     * L-BFGS on all training images along a regularisation path: one warm-started fit for each strength of a penalty on
     * the distance from the unadapted model, in decreasing order. Validation selects the strength.
     *
     * @param penalties strengths s, decreasing. One adds s/2 times the mean of (λ_k − 1)² to the loss, for the Linear
     *     Aligner s/2 · (‖W − I‖² / D + ‖b‖² / E‖y‖²)
     * @param iterations maximum steps for each strength
     * @param extensions maximum number of strengths, half a decade apart, that are added at either end while validation
     *     is best there; 0 for none
     */
    public record Path(List<Double> penalties, int iterations, int extensions) implements Fitting {
        public Path {
            penalties = List.copyOf(penalties);
            require(!penalties.isEmpty(), "penalties", "none", "at least one");
            for (int i = 0; i < penalties.size(); i++) {
                boolean falls = i == 0 || penalties.get(i) < penalties.get(i - 1);
                boolean possible = penalties.get(i) >= 0 && Double.isFinite(penalties.get(i));
                require(falls && possible, "penalties", penalties, "decreasing numbers, 0 or more");
            }
            require(iterations > 0, "iterations", iterations, "1 or more");
            require(extensions >= 0, "extensions", extensions, "0 or more");
        }

        /** A path of exactly these strengths. */
        public Path(List<Double> penalties, int iterations) {
            this(penalties, iterations, 0);
        }

        @Override
        public Map<String, String> byName() {
            return Map.of(
                    "fit", "quasi_newton",
                    "penalties", penalties.toString(),
                    "iterations", String.valueOf(iterations),
                    "extensions", String.valueOf(extensions),
                    "metric", Metric.NAME);
        }
    }

    /** The optimiser of {@link Epochs}. */
    public enum Optimiser {
        /** Adam with decoupled weight decay. */
        ADAMW,
        /** Schedule-free AdamW, as published. */
        SCHEDULE_FREE
    }

    /** Half a decade apart, from where hardly anything moves. */
    public static final List<Double> PENALTIES = List.of(30.0, 10.0, 3.0, 1.0, .3, .1, .03, .01, .003, .001);

    /** Steps of a quasi-Newton fit, at most, for each strength. */
    public static final int ITERATIONS = 20;

    /** Strengths that are added at either end, at most: four decades. */
    public static final int EXTENSIONS = 8;

    /** The path that is used unless told otherwise. */
    public static final Path PATH = new Path(PENALTIES, ITERATIONS, EXTENSIONS);

    /** The published recipe (Basile et al. 2025, section 4 and appendix). */
    public static final AlignmentSettings PAPER = new AlignmentSettings(
            Start.RANDOM,
            Means.DROPPED,
            Others.DROPPED,
            .9,
            new Epochs(Optimiser.SCHEDULE_FREE, .8, 1e-3, 0, 64, 30, 5),
            0);

    /** The defaults. */
    public static final AlignmentSettings DEFAULT =
            new AlignmentSettings(Start.IDENTITY, Means.RESTORED, Others.KEPT, .97, PATH, 0);

    /** {@link #DEFAULT} fitted with AdamW, which costs less where there are many components. */
    public static final Epochs ADAMW = new Epochs(Optimiser.ADAMW, .05, 1e-3, 0, 64, 60, 10);

    public AlignmentSettings {
        require(variance >= 0 && variance <= 1, "variance", variance, "a share from 0 to 1");
    }

    /** Settings are named as their users write them. */
    private static void require(boolean holds, String name, Object found, String expected) {
        if (!holds) {
            throw InputException.at(name, String.valueOf(found), expected, "Correct it");
        }
    }

    /** A copy with another optimiser. */
    public AlignmentSettings with(Fitting other) {
        return new AlignmentSettings(start, means, starOthers, variance, other, seed, goal);
    }

    /** A copy with another seed. */
    public AlignmentSettings withSeed(long other) {
        return new AlignmentSettings(start, means, starOthers, variance, fitting, other, goal);
    }

    /** The settings by name, for provenance. */
    public Map<String, String> byName() {
        Map<String, String> all = new TreeMap<>(fitting.byName());
        all.put("start", start.name().toLowerCase(Locale.ROOT));
        all.put("means", means.name().toLowerCase(Locale.ROOT));
        all.put("star_others", starOthers.name().toLowerCase(Locale.ROOT));
        all.put("variance", String.valueOf(variance));
        return all;
    }
}
