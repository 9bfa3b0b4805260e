package io.residual.sweep;

import io.residual.adapt.Method;
import io.residual.base.InputException;
import io.residual.base.Similar;
import io.residual.data.DatasetSpec;
import io.residual.data.Reading;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.FewShots;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A sweep: every method on every data set with every model. Immutable.
 *
 * @param name name for tables
 * @param root the folder that {@code $root} stands for in the file; null where nothing does
 * @param models names as on the command line
 * @param bases reference images of PCA bases unless a variant overrides them: {@code own}, {@code general}, {@code
 *     auto}, or a data set
 * @param shots images per class, {@link FewShots#ALL} for all
 * @param draws how often few images are drawn
 * @param few whether the file asks for few images anywhere: half of validation is then held out from every fit, also of a
 *     part of the sweep that has all images only
 * @param forgetting whether to measure what adapters cost on the other data sets
 * @param keepTowers whether fully tuned towers stay on disk
 */
public record Sweep(
        String name,
        @Nullable String root,
        List<String> models,
        List<Data> data,
        List<Variant> variants,
        String bases,
        List<Integer> shots,
        int draws,
        boolean few,
        boolean forgetting,
        boolean keepTowers) {
    public Sweep {
        models = List.copyOf(models);
        data = List.copyOf(data);
        variants = List.copyOf(variants);
        shots = List.copyOf(shots);
    }

    /**
     * A data set.
     *
     * @param label name in tables
     * @param recipe specification of its splits
     * @param reading how its files are read
     * @param templates prompt templates; empty for the data set's own
     * @param expected the published sizes: images of each file's split before any is taken for another, and {@code
     *     classes}; a mismatch is an error
     */
    public record Data(
            String label, DatasetSpec recipe, Reading reading, List<String> templates, Map<String, Integer> expected) {
        public Data {
            templates = List.copyOf(templates);
            expected = Map.copyOf(expected);
        }
    }

    /**
     * A method with its settings.
     *
     * @param name name in tables
     * @param bases reference images of its PCA bases, as for the sweep
     * @param shots the numbers of images per class that it is fitted with, among the sweep's
     */
    public record Variant(String name, Method method, ExperimentSettings settings, String bases, List<Integer> shots) {
        public Variant {
            shots = List.copyOf(shots);
        }
    }

    /** One requested fit: a variant with a number of images per class and a draw. */
    public record Fit(Variant variant, int shots, long draw) {}

    /** Whether there are no few-label fits. The validation split is then used whole, and nothing is held out. */
    boolean allImagesOnly() {
        return !few;
    }

    /**
     * A part of it, whose results are those of the whole.
     *
     * @param wantedModels names of models; empty for all
     * @param wantedData labels of data sets; empty for all
     * @param wantedVariants names of methods, or what the file calls a method, for all its variants; empty for all
     * @param wantedShots images a class; empty for all
     * @throws InputException naming what the sweep does not have
     */
    public Sweep part(
            List<String> wantedModels,
            List<String> wantedData,
            List<String> wantedVariants,
            List<Integer> wantedShots) {
        return new Sweep(
                name,
                root,
                some("--model", models, m -> m, wantedModels),
                some("--data", data, Data::label, wantedData),
                some("--method", variants, Variant::name, named(wantedVariants)),
                bases,
                some("--shots", shots, s -> s, wantedShots),
                draws,
                few,
                // It needs every adapter of all images, and no other.
                forgetting
                        && wantedData.isEmpty()
                        && wantedVariants.isEmpty()
                        && (wantedShots.isEmpty() || wantedShots.contains(FewShots.ALL)),
                keepTowers);
    }

    private List<String> named(List<String> wanted) {
        return wanted.stream()
                .flatMap(w -> {
                    List<String> of = variants.stream()
                            .filter(v -> v.method().id().equals(w))
                            .map(Variant::name)
                            .toList();
                    boolean isName = variants.stream().anyMatch(v -> v.name().equals(w));
                    return isName || of.isEmpty() ? Stream.of(w) : of.stream();
                })
                .toList();
    }

    private static <T, K> List<T> some(String option, List<T> all, Function<T, K> name, List<K> wanted) {
        List<String> known = all.stream().map(t -> shown(name.apply(t))).toList();
        for (K each : wanted) {
            if (all.stream().noneMatch(t -> name.apply(t).equals(each))) {
                throw InputException.at(
                        option,
                        "'" + shown(each) + "', which the sweep does not have",
                        "one of " + String.join(", ", known),
                        Similar.remedy(shown(each), known, "Correct it"));
            }
        }
        return wanted.isEmpty()
                ? all
                : all.stream().filter(t -> wanted.contains(name.apply(t))).toList();
    }

    private static String shown(Object name) {
        return name.equals(FewShots.ALL) ? "all" : String.valueOf(name);
    }

    /** Every fit that is wanted for one model and data set, in order. */
    public List<Fit> fits() {
        return shots.stream()
                .flatMap(count -> LongStream.range(0, count == FewShots.ALL ? 1 : draws)
                        .boxed()
                        .flatMap(draw -> variants.stream()
                                .filter(v -> v.shots().contains(count))
                                .map(v -> new Fit(v, count, draw))))
                .toList();
    }
}
