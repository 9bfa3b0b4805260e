package io.residual.sweep;

import io.residual.adapt.Method;
import io.residual.data.DatasetSpec;
import io.residual.data.Reading;
import io.residual.experiment.ExperimentSettings;
import io.residual.experiment.FewShots;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * A sweep: every method on every data set with every model. Immutable.
 *
 * @param name name for tables
 * @param models names as on the command line
 * @param bases reference images of PCA bases unless a variant overrides them: {@code own}, {@code general}, {@code
 *     auto}, or a data set
 * @param shots images per class, {@link FewShots#ALL} for all
 * @param draws how often few images are drawn
 * @param forgetting whether to measure what adapters cost on the other data sets
 * @param keepTowers whether fully tuned towers stay on disk
 */
public record Sweep(
        String name,
        List<String> models,
        List<Data> data,
        List<Variant> variants,
        String bases,
        List<Integer> shots,
        int draws,
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
     */
    public record Variant(String name, Method method, ExperimentSettings settings, String bases) {}

    /** One requested fit: a variant with a number of images per class and a draw. */
    public record Fit(Variant variant, int shots, long draw) {}

    /** Whether there are no few-label fits. The validation split is then used whole, and nothing is held out. */
    boolean allImagesOnly() {
        return shots.equals(List.of(FewShots.ALL));
    }

    /** Every fit that is wanted for one model and data set, in order. */
    public List<Fit> fits() {
        return shots.stream()
                .flatMap(count -> LongStream.range(0, count == FewShots.ALL ? 1 : draws)
                        .boxed()
                        .flatMap(draw -> variants.stream().map(v -> new Fit(v, count, draw))))
                .toList();
    }
}
