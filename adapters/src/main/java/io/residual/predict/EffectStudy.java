package io.residual.predict;

import io.residual.adapt.FoldedAdapter;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.data.ImageBatches;
import io.residual.data.LabelledImages;
import io.residual.images.Batch;
import io.residual.images.Preprocessing;
import io.residual.intervene.Activations;
import io.residual.intervene.Change;
import io.residual.intervene.Effects;
import io.residual.intervene.Interventions;
import io.residual.intervene.Interventions.Tokens;
import io.residual.model.ImageTextModel;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import io.residual.zeroshot.Accuracy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** What changes inside the forward pass do to embeddings, logits and accuracy on a data set, with or without an adapter. */
public final class EffectStudy {
    private final ImageTextModel model;
    private final FoldedAdapter adapter;
    private final Progress progress;

    /**
     * A study.
     *
     * @param adapter the model's, or the plain model; it stays its owner's
     */
    public EffectStudy(ImageTextModel model, FoldedAdapter adapter, Progress progress) {
        this.model = model;
        this.adapter = adapter;
        this.progress = progress;
    }

    /**
     * A state of the model on a data set.
     *
     * @param accuracy of its answers
     * @param labelLogit the right class's logit less the mean of the other classes', mean over images
     * @param moved how far the embedding has moved, relative to its length, mean over images; 0 for the plain pass
     */
    public record Measure(Accuracy accuracy, double labelLogit, double moved) {}

    /**
     * The effect of changing one unit.
     *
     * @param total of the pass with the change
     * @param direct with everything that later layers write held as it was
     * @param later how far total and direct embeddings lie apart, relative to the plain length: what flows through later layers
     */
    public record Effect(UnitId unit, Measure total, Measure direct, double later) {}

    /** All units' effects beside the plain pass. */
    public record Result(Measure plain, List<Effect> effects) {
        public Result {
            effects = List.copyOf(effects);
        }
    }

    /** Sums over images. */
    private static final class Sum {
        private int images;
        private int right;
        private double labelLogit;
        private double moved;
        private double later;

        Measure measure() {
            return new Measure(new Accuracy(right, images), labelLogit / images, moved / images);
        }
    }

    /** The mean activations of at most so many images. */
    public Activations mean(LabelledImages<?> images, String name) {
        Activations.Mean mean = new Activations.Mean(model.image());
        each(images, "mean of " + name, batch -> mean.add(input(batch)));
        return mean.mean();
    }

    /** Changes each of some units by itself. */
    public Result each(LabelledImages<?> images, String name, List<UnitId> units, Change change, Tokens tokens) {
        Sum plain = new Sum();
        List<Sum> total = units.stream().map(u -> new Sum()).toList();
        List<Sum> direct = units.stream().map(u -> new Sum()).toList();
        Effects effects = new Effects(model.image());
        each(images, name, batch -> {
            Tensor input = input(batch);
            float[] own = Tensors.floats(adapter.features(model.image().trace(input)));
            add(plain, own, own, batch.labels());
            effects.of(input, units, change, tokens, (unit, changed, held) -> {
                int at = units.indexOf(unit);
                float[] all = Tensors.floats(adapter.features(changed));
                float[] some = Tensors.floats(adapter.features(held));
                add(total.get(at), own, all, batch.labels());
                add(direct.get(at), own, some, batch.labels());
                total.get(at).later += apart(own, some, all, batch.size());
            });
        });
        List<Effect> all = new ArrayList<>();
        for (int i = 0; i < units.size(); i++) {
            Sum t = total.get(i);
            all.add(new Effect(units.get(i), t.measure(), direct.get(i).measure(), t.later / t.images));
        }
        return new Result(plain.measure(), all);
    }

    /** The plain pass, and one with all of some changes together. */
    public List<Measure> together(LabelledImages<?> images, String name, Interventions changes) {
        Sum plain = new Sum();
        Sum changed = new Sum();
        each(images, name, batch -> {
            Tensor input = input(batch);
            float[] own = Tensors.floats(adapter.features(model.image().trace(input)));
            add(plain, own, own, batch.labels());
            add(changed, own, Tensors.floats(adapter.features(changes.trace(model.image(), input))), batch.labels());
        });
        return List.of(plain.measure(), changed.measure());
    }

    private void each(LabelledImages<?> images, String name, Consumer<Batch> work) {
        progress.start(name, images.size());
        int done = 0;
        int read = 0;
        int[] order = IntStream.range(0, images.size()).toArray();
        try (ImageBatches batches = new ImageBatches(
                images, model.preprocessing(), order, model.image().batch())) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                if (batch.size() > 0) {
                    try (NativeScope scope = NativeScope.inference()) {
                        work.accept(batch);
                    }
                }
                read += batch.size();
                done += batch.size() + batch.skipped().size();
                progress.at(done);
            }
        }
        progress.finish();
        if (read == 0) {
            throw InputException.at(name, "no readable image", "at least one", "Check the files");
        }
    }

    private Tensor input(Batch batch) {
        Preprocessing size = model.preprocessing();
        return Tensors.of(batch.pixels(), batch.size(), 3, size.inputHeight(), size.inputWidth());
    }

    private void add(Sum sum, float[] plain, float[] now, int... labels) {
        int n = labels.length;
        int d = now.length / n;
        double[] logits = Tensors.doubles(adapter.logits(Tensors.of(now, n, d)));
        int c = logits.length / n;
        for (int i = 0; i < n; i++) {
            int best = 0;
            double others = 0;
            for (int k = 0; k < c; k++) {
                best = logits[i * c + k] > logits[i * c + best] ? k : best;
                others += k == labels[i] ? 0 : logits[i * c + k];
            }
            sum.right += best == labels[i] ? 1 : 0;
            sum.labelLogit += logits[i * c + labels[i]] - others / Math.max(1, c - 1);
        }
        sum.moved += apart(plain, plain, now, n);
        sum.images += n;
    }

    /** Σ over images of ‖b − a‖ / ‖plain‖. */
    private static double apart(float[] plain, float[] a, float[] b, int n) {
        int d = plain.length / n;
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double length = 0;
            double square = 0;
            for (int j = i * d; j < (i + 1) * d; j++) {
                length += (double) plain[j] * plain[j];
                square += Math.pow((double) b[j] - a[j], 2);
            }
            sum += Math.sqrt(square / length);
        }
        return sum;
    }
}
