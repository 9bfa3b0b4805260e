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
import io.residual.model.Residuals;
import io.residual.provenance.ContentHash;
import io.residual.provenance.Provenance;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Tracer;
import io.residual.units.UnitId;
import io.residual.zeroshot.Accuracy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** What changes inside the forward pass do to embeddings, logits and accuracy on a data set, with or without an adapter. */
public final class EffectStudy {
    private final ImageTextModel model;
    private final FoldedAdapter adapter;
    private final Tracer tracer;
    private final Progress progress;

    /**
     * A study.
     *
     * @param adapter the model's, or the plain model; it stays its owner's
     */
    public EffectStudy(ImageTextModel model, FoldedAdapter adapter, Progress progress) {
        this.model = model;
        this.adapter = adapter;
        this.tracer = new Tracer(model);
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

    /**
     * All units' effects beside the plain pass.
     *
     * @param provenance with the measured error of the units' sum in the plain passes
     */
    public record Result(Measure plain, List<Effect> effects, Provenance provenance) {
        public Result {
            effects = List.copyOf(effects);
        }
    }

    /**
     * Changes made together beside the plain pass.
     *
     * @param provenance with the measured error of the units' sum in the plain passes
     */
    public record Together(Measure plain, Measure changed, Provenance provenance) {}

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
        each(images, "mean of " + name, (batch, run) -> mean.add(input(batch)));
        return mean.mean();
    }

    /** Changes each of some units by itself. */
    public Result each(LabelledImages<?> images, String name, List<UnitId> units, Change change, Tokens tokens) {
        Sum plain = new Sum();
        List<Sum> total = units.stream().map(u -> new Sum()).toList();
        List<Sum> direct = units.stream().map(u -> new Sum()).toList();
        Effects effects = new Effects(model.image());
        Provenance provenance = each(images, name, (batch, run) -> {
            Tensor input = input(batch);
            Map<UnitId, float[]> changed = new HashMap<>();
            effects.of(input, units, change, tokens, new Effects.Sink() {
                private float[] own = new float[0];

                @Override
                public void total(UnitId unit, Residuals pass) {
                    changed.put(unit, Tensors.floats(adapter.features(pass)));
                }

                @Override
                public void plain(Residuals pass) {
                    own = Tensors.floats(adapter.features(pass));
                    add(plain, own, own, batch.labels());
                    run.took(batch, pass);
                }

                @Override
                public void direct(UnitId unit, Residuals pass) {
                    int at = units.indexOf(unit);
                    float[] all = Objects.requireNonNull(changed.remove(unit));
                    float[] some = Tensors.floats(adapter.features(pass));
                    add(total.get(at), own, all, batch.labels());
                    add(direct.get(at), own, some, batch.labels());
                    total.get(at).later += apart(own, some, all, batch.size());
                }
            });
        });
        List<Effect> all = new ArrayList<>();
        for (int i = 0; i < units.size(); i++) {
            Sum t = total.get(i);
            all.add(new Effect(units.get(i), t.measure(), direct.get(i).measure(), t.later / t.images));
        }
        return new Result(plain.measure(), all, provenance);
    }

    /** The plain pass, and one with all of some changes together. */
    public Together together(LabelledImages<?> images, String name, Interventions changes) {
        Sum plain = new Sum();
        Sum changed = new Sum();
        Provenance provenance = each(images, name, (batch, run) -> {
            Tensor input = input(batch);
            Residuals pass = model.image().trace(input);
            run.took(batch, pass);
            float[] own = Tensors.floats(adapter.features(pass));
            add(plain, own, own, batch.labels());
            add(changed, own, Tensors.floats(adapter.features(changes.trace(model.image(), input))), batch.labels());
        });
        return new Together(plain.measure(), changed.measure(), provenance);
    }

    /** What provenance says of a run. */
    private final class Run {
        private final ContentHash data = new ContentHash();
        private final List<String> skipped = new ArrayList<>();
        private double error;

        void took(Batch batch, Residuals plain) {
            error = Math.max(
                    error, tracer.units(plain, batch.labels(), batch.names()).decompositionError(tracer.frame()));
        }
    }

    private Provenance each(LabelledImages<?> images, String name, BiConsumer<Batch, Run> work) {
        Run run = new Run();
        progress.start(name, images.size());
        int done = 0;
        int read = 0;
        int[] order = IntStream.range(0, images.size()).toArray();
        try (ImageBatches batches = new ImageBatches(
                images, model.preprocessing(), order, model.image().batch())) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                batch.hashes().forEach(run.data::add);
                run.skipped.addAll(batch.skipped());
                if (batch.size() > 0) {
                    try (NativeScope scope = NativeScope.inference()) {
                        work.accept(batch, run);
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
        return Tracer.Summary.of(model, run.data, run.error, name, read, run.skipped)
                .provenance();
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
