package io.residual.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.residual.adapt.Calibration;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.adapt.Method;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.JsonObject;
import io.residual.fit.AlignmentSettings;
import io.residual.fit.AlignmentSettings.Epochs;
import io.residual.fit.AlignmentSettings.Fitting;
import io.residual.fit.AlignmentSettings.Goal;
import io.residual.fit.AlignmentSettings.Optimiser;
import io.residual.fit.AlignmentSettings.Path;
import io.residual.fit.AlignmentSettings.Start;
import io.residual.fit.FineTuner;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The settings of methods as users write them: as options of a command, or as entries of a sweep's file. Both come here as one typed
 * object, so names, presets and rules exist once. A preset is changed by the entries that are given; one that would change
 * nothing for the methods that are asked for is refused.
 */
public final class FitSettings {
    private static final Set<Method> WITH_COMPONENTS =
            EnumSet.of(Method.RESIDUAL, Method.RESIDUAL_STAR, Method.OUTPUT_SPECTRAL);
    private static final Set<Method> SPECTRAL =
            EnumSet.of(Method.RESIDUAL, Method.RESIDUAL_STAR, Method.OUTPUT_SPECTRAL, Method.COARSE);
    private static final Set<Method> STAR = EnumSet.of(Method.RESIDUAL_STAR);
    private static final Set<Method> STAR_AND_COARSE = EnumSet.of(Method.RESIDUAL_STAR, Method.COARSE);
    private static final Set<Method> ABLATION = EnumSet.of(Method.HEAD_ABLATION);
    private static final Set<Method> LINEAR = EnumSet.of(Method.LINEAR);
    private static final Set<Method> FITTED = with(SPECTRAL, Method.LINEAR);
    private static final Set<Method> BY_PATH = with(FITTED, Method.PROBE);
    private static final Set<Method> RANDOM = with(FITTED, Method.FULL, Method.TIP, Method.TIP_TUNED);
    private static final Set<Method> SPECTRAL_OR_FULL = with(SPECTRAL, Method.FULL);
    private static final Set<Method> BY_BATCHES = with(FITTED, Method.FULL);
    private static final Set<Method> ALL = EnumSet.allOf(Method.class);

    private static Set<Method> with(Set<Method> some, Method... others) {
        Set<Method> all = EnumSet.copyOf(some);
        all.addAll(List.of(others));
        return all;
    }

    /** Named sets of settings. */
    private enum Preset {
        DEFAULT,
        PAPER
    }

    /** The optimiser. */
    private enum Fit {
        QUASI_NEWTON,
        ADAMW,
        SCHEDULE_FREE
    }

    /** With which fits an entry has a meaning. */
    private enum Needs {
        ANY,
        PATH,
        BATCHES
    }

    /** The entries that can be set. */
    public enum Entry {
        /** The set of settings that other entries override. */
        PRESET(
                "preset",
                "PRESET",
                Needs.ANY,
                "default (best on validation in the sweep settings) or paper (the published recipe). Other fit options"
                        + " override single settings of it. Default: default."),
        /** Images the components come from. */
        BASES(
                "bases",
                "BASES",
                Needs.ANY,
                "Reference images that the PCA bases are computed from: own (the training images), general (the"
                        + " synthetic benchmark as a whole), a data set (its training images), or auto (general for world:"
                        + " tasks with an embedded model, else own). Default: auto."),
        /** The treatment of the units' means. */
        MEANS("means", "MEANS", Needs.ANY, "Treatment of the units' means: dropped (as published) or restored."),
        /** The treatment of components outside the retained subspace. */
        STAR_OTHERS(
                "star-others",
                "OTHERS",
                Needs.ANY,
                "Treatment of components outside the retained subspace, for ResiDual* and Coarse: dropped (as"
                        + " published) or kept."),
        /** The retained share of variance. */
        VARIANCE("variance", "SHARE", Needs.ANY, "Share of each head's variance that ResiDual* keeps."),
        /** The optimiser. */
        FIT(
                "fit",
                "FIT",
                Needs.ANY,
                "Optimiser: quasi-newton (L-BFGS on all images along a regularisation path; validation selects the"
                        + " penalty strength), adamw or schedule-free (mini-batches; validation selects the epoch)."),
        /** The penalty strengths. */
        PENALTIES(
                "penalties",
                "STRENGTH",
                Needs.ANY,
                "Penalty strengths, decreasing, comma-separated; adamw and schedule-free take exactly one. By default"
                        + " the list is extended while validation is best at its end."),
        /** Maximum steps per penalty strength. */
        ITERATIONS("iterations", "N", Needs.PATH, "quasi-newton: maximum steps for each penalty strength."),
        /** Initial weights. */
        START(
                "start",
                "START",
                Needs.BATCHES,
                "adamw, schedule-free: where weights start: identity (1) or random (1 + N(0,1), as published)."),
        /** Learning rate of λ. */
        RATE("rate", "RATE", Needs.BATCHES, "adamw, schedule-free: learning rate of the weights."),
        /** Learning rate of the Linear Aligner. */
        LINEAR_RATE("linear-rate", "RATE", Needs.BATCHES, "adamw, schedule-free: learning rate of the Linear Aligner."),
        /** Batch size. */
        BATCH("batch", "N", Needs.BATCHES, "adamw, schedule-free: batch size."),
        /** Maximum number of epochs. */
        EPOCHS("epochs", "N", Needs.BATCHES, "adamw, schedule-free: maximum epochs."),
        /** Early stopping: epochs without improvement. */
        PATIENCE(
                "patience",
                "N",
                Needs.BATCHES,
                "adamw, schedule-free: early stopping after N epochs without better validation accuracy."),
        /** What head ablation improves. */
        OBJECTIVE(
                "objective",
                "OBJECTIVE",
                Needs.ANY,
                "head-ablation: what validation decides by: accuracy or worst-class (the class that fares worst)."
                        + " Default: accuracy."),
        /** Target accuracy of selective prediction. */
        TARGET_ACCURACY(
                "target-accuracy",
                "SHARE",
                Needs.ANY,
                "Target accuracy on covered images; sets the rejection threshold on validation. Default: "
                        + Calibration.TARGET_ACCURACY + "."),
        /** Seed of the fit. */
        SEED("seed", "SEED", Needs.ANY, "Seed of the fit. Default: 0.");

        private final String key;
        private final String label;
        private final Needs needs;
        private final String description;

        Entry(String key, String label, Needs needs, String description) {
            this.key = key;
            this.label = label;
            this.needs = needs;
            this.description = description;
        }

        /** The name in files, and after two hyphens on the command line. */
        public String key() {
            return key;
        }

        /** The label of its value in help texts. */
        public String label() {
            return label;
        }

        /** Its description in help texts. */
        public String description() {
            return description;
        }

        /** The methods that it means something for. */
        private Set<Method> methods() {
            return switch (this) {
                case PRESET, FIT -> FITTED;
                case BASES, MEANS -> WITH_COMPONENTS;
                case STAR_OTHERS -> STAR_AND_COARSE;
                case VARIANCE -> STAR;
                case PENALTIES, ITERATIONS -> BY_PATH;
                case START -> SPECTRAL;
                case RATE -> SPECTRAL_OR_FULL;
                case LINEAR_RATE -> LINEAR;
                case BATCH, EPOCHS, PATIENCE -> BY_BATCHES;
                case OBJECTIVE -> ABLATION;
                case TARGET_ACCURACY -> ALL;
                case SEED -> RANDOM;
            };
        }
    }

    private final JsonObject entries;

    private FitSettings(JsonObject entries) {
        this.entries = entries;
    }

    /** Names that entries had in earlier versions, and what they are called now. */
    public static final Map<String, String> FORMER = Map.of("pulls", "penalties", "accept", "target-accuracy");

    /** The names of all entries, in order. */
    public static List<String> keys() {
        return Arrays.stream(Entry.values()).map(Entry::key).toList();
    }

    /** The names of those that a method has. */
    public static List<String> keys(Method method) {
        return Arrays.stream(Entry.values())
                .filter(entry -> entry.methods().contains(method))
                .map(Entry::key)
                .toList();
    }

    /**
     * Entries given as options of a command line.
     *
     * @param given values by {@link Entry#key}
     */
    public static JsonObject ofOptions(Map<String, String> given) {
        Map<String, JsonNode> typed = new LinkedHashMap<>();
        given.forEach((key, value) -> typed.put(key, key.equals(Entry.PENALTIES.key) ? list(value) : typed(value)));
        return JsonObject.ofOptions(typed);
    }

    private static JsonNode list(String value) {
        ArrayNode all = Json.array();
        for (String item : value.split(",", -1)) {
            all.add(typed(item.strip()));
        }
        return all;
    }

    /** Converts a text to a number if it is one. */
    private static JsonNode typed(String value) {
        if (value.matches("[-+]?[0-9]{1,40}")) {
            return Json.of(new BigInteger(value));
        }
        return value.matches("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?")
                ? Json.of(Double.parseDouble(value))
                : Json.of(value);
    }

    /** The source of the PCA bases, as for {@code --bases}. */
    public static String bases(JsonObject entries, String otherwise) {
        return entries.text(Entry.BASES.key, otherwise);
    }

    /**
     * Reads settings.
     *
     * @param entries values by the names of {@link Entry}; the caller refuses other names
     * @param methods the methods to be fitted; an entry must apply to at least one of them
     * @throws InputException if a value is of another type or out of range, or an entry does not apply
     */
    public static ExperimentSettings of(JsonObject entries, List<Method> methods) {
        return new FitSettings(entries).settings(methods);
    }

    private ExperimentSettings settings(List<Method> methods) {
        Preset preset = entries.choice(Entry.PRESET.key, Preset.class, Preset.DEFAULT);
        AlignmentSettings base = preset == Preset.PAPER ? AlignmentSettings.PAPER : AlignmentSettings.DEFAULT;
        Fit fit = entries.choice(Entry.FIT.key, Fit.class, usual(base.fitting()));
        requireApplicable(methods, fit);
        boolean adapted = methods.stream().anyMatch(BY_PATH::contains);
        long seed = entries.whole(Entry.SEED.key, 0);
        double target = entries.number(Entry.TARGET_ACCURACY.key, Calibration.TARGET_ACCURACY);
        return entries.making(() -> new ExperimentSettings(
                new AlignmentSettings(
                        entries.choice(Entry.START.key, Start.class, base.start()),
                        entries.choice(Entry.MEANS.key, Means.class, base.means()),
                        entries.choice(Entry.STAR_OTHERS.key, Others.class, base.starOthers()),
                        entries.number(Entry.VARIANCE.key, base.variance()),
                        adapted ? fitting(base.fitting(), fit) : base.fitting(),
                        seed,
                        entries.choice(Entry.OBJECTIVE.key, Goal.class, base.goal())),
                methods.equals(List.of(Method.FULL)) ? tuning(seed) : FineTuner.Settings.DEFAULT,
                target));
    }

    private static Fit usual(Fitting fitting) {
        return fitting instanceof Epochs epochs
                ? epochs.optimiser() == Optimiser.ADAMW ? Fit.ADAMW : Fit.SCHEDULE_FREE
                : Fit.QUASI_NEWTON;
    }

    /** An entry without effect would let its writer believe that it had one. */
    private void requireApplicable(List<Method> methods, Fit fit) {
        for (Entry entry : Entry.values()) {
            if (!entries.given(entry.key)) {
                continue;
            }
            if (methods.stream().noneMatch(entry.methods()::contains)) {
                throw entries.wrong(
                        entry.key, "no such entry for " + ids(methods) + "; it applies to " + ids(entry.methods()));
            }
            // Fine-tuning always goes by batches.
            boolean met =
                    switch (entry.needs) {
                        case ANY -> true;
                        case PATH -> fit == Fit.QUASI_NEWTON;
                        case BATCHES ->
                            fit != Fit.QUASI_NEWTON
                                    || (methods.equals(List.of(Method.FULL))
                                            && entry.methods().contains(Method.FULL));
                    };
            if (!met) {
                throw entries.wrong(
                        entry.key,
                        entry.needs == Needs.PATH
                                ? "no such entry for a fit by batches, but epochs"
                                : "no such entry for a quasi-Newton fit; it applies to the fits adamw and"
                                        + " schedule-free");
            }
        }
    }

    private static String ids(Collection<Method> methods) {
        return methods.stream().map(Method::id).collect(Collectors.joining(", "));
    }

    private Fitting fitting(Fitting base, Fit fit) {
        List<Double> penalties = entries.given(Entry.PENALTIES.key) ? entries.numbers(Entry.PENALTIES.key) : List.of();
        if (fit == Fit.QUASI_NEWTON) {
            int iterations = whole(Entry.ITERATIONS, AlignmentSettings.ITERATIONS);
            return penalties.isEmpty()
                    ? new Path(AlignmentSettings.PENALTIES, iterations, AlignmentSettings.EXTENSIONS)
                    : new Path(penalties, iterations);
        }
        if (penalties.size() > 1) {
            throw InputException.at(
                    Entry.PENALTIES.key, penalties.toString(), "one strength, for a fit by batches", "Leave one");
        }
        Epochs epochs = base instanceof Epochs given ? given : AlignmentSettings.ADAMW;
        return new Epochs(
                fit == Fit.ADAMW ? Optimiser.ADAMW : Optimiser.SCHEDULE_FREE,
                entries.number(Entry.RATE.key, epochs.rate()),
                entries.number(Entry.LINEAR_RATE.key, epochs.linearRate()),
                penalties.isEmpty() ? epochs.penalty() : penalties.get(0),
                whole(Entry.BATCH, epochs.batch()),
                whole(Entry.EPOCHS, epochs.epochs()),
                whole(Entry.PATIENCE, epochs.patience()));
    }

    private FineTuner.Settings tuning(long seed) {
        FineTuner.Settings published = FineTuner.Settings.DEFAULT;
        return new FineTuner.Settings(
                entries.number(Entry.RATE.key, published.rate()),
                published.weightDecay(),
                published.clip(),
                whole(Entry.BATCH, published.batch()),
                whole(Entry.EPOCHS, published.epochs()),
                whole(Entry.PATIENCE, published.patience()),
                seed);
    }

    private int whole(Entry entry, int otherwise) {
        return entries.whole(entry.key, 1, Integer.MAX_VALUE, otherwise);
    }
}
