package io.residual.survey;

import io.residual.adapt.Adapter;
import io.residual.adapt.Method;
import io.residual.base.Progress;
import io.residual.data.Split;
import io.residual.experiment.TestScore;
import io.residual.experiment.Traces;
import io.residual.fit.Aligner;
import io.residual.fit.AlignmentSettings;
import io.residual.fit.Bases;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What the class token knows after each layer: the sum of the units up to the layer, which is the residual stream there through the
 * final LayerNorm with the statistics of the last layer. Classes are the means of the training images' sums.
 */
public final class LayerStudy {
    private LayerStudy() {}

    /**
     * After one layer.
     *
     * @param layer −1 for what enters the first, else 0 to L − 1
     * @param lens nearest class mean among the means of the <em>last</em> layer, on the test split
     * @param means nearest class mean among the means of this layer
     * @param unit the same with means of unit length: a class with a long mean has no advantage
     * @param centred the same, and the mean of all training images subtracted from everything before
     * @param probe a linear probe of this layer about the common mean, its strength chosen on validation
     */
    public record Layer(int layer, Accuracy lens, Accuracy means, Accuracy unit, Accuracy centred, Accuracy probe) {}

    /** Every layer of a data set's traces. */
    static List<Layer> of(List<String> classes, Traces traces, Progress progress) {
        UnitShape shape = traces.train().shape();
        Sums<Split.Train> train = new Sums<>(traces.train());
        Sums<Split.Validation> validation = new Sums<>(traces.validation());
        Sums<Split.Test> test = new Sums<>(traces.test());
        Classifier last = Classifier.fromScaledClassMeans(traces.train(), classes);
        List<Layer> layers = new ArrayList<>();
        progress.start("a probe after each layer", shape.layers() + 1L);
        for (int l = -1; l < shape.layers(); l++) {
            Trace<Split.Train> seen = train.upTo(l);
            Trace<Split.Validation> choosing = validation.upTo(l);
            Trace<Split.Test> tested = test.upTo(l);
            Classifier own = Classifier.fromScaledClassMeans(seen, classes);
            double[] mean = mean(seen);
            Trace<Split.Train> about = centred(seen, mean);
            Classifier centred = unit(Classifier.fromClassMeans(about, classes));
            Trace<Split.Test> testedAbout = centred(tested, mean);
            // In the middle layers the common mean is nearly all of an embedding, and a fit would hardly see the rest.
            Adapter probe = new Aligner(
                            about,
                            centred(choosing, mean),
                            new Bases(about),
                            Classifier.fromScaledClassMeans(about, classes),
                            AlignmentSettings.DEFAULT,
                            Progress.silent())
                    .fit(Method.PROBE)
                    .adapter();
            layers.add(new Layer(
                    l,
                    TestScore.of(new Adapter.Identity(), last, tested),
                    TestScore.of(new Adapter.Identity(), own, tested),
                    TestScore.of(new Adapter.Identity(), unit(own), tested),
                    TestScore.of(new Adapter.Identity(), centred, testedAbout),
                    TestScore.of(probe, centred, testedAbout)));
            progress.at(l + 2L);
        }
        progress.finish();
        return layers;
    }

    /** The same with class embeddings of unit length. */
    private static Classifier unit(Classifier means) {
        int classes = means.classes().size();
        float[] weights = means.weights().clone();
        for (int c = 0; c < classes; c++) {
            double square = 0;
            for (int i = c; i < weights.length; i += classes) {
                square += (double) weights[i] * weights[i];
            }
            double length = Math.max(Math.sqrt(square), Double.MIN_NORMAL);
            for (int i = c; i < weights.length; i += classes) {
                weights[i] = (float) (weights[i] / length);
            }
        }
        return new Classifier(means.classes(), weights);
    }

    private static double[] mean(Trace<Split.Train> trace) {
        double[] sum = new double[trace.shape().sharedWidth()];
        for (TraceBlock block : trace.blocks()) {
            float[] values = block.output();
            for (int i = 0; i < values.length; i++) {
                sum[i % sum.length] += values[i];
            }
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] /= trace.size();
        }
        return sum;
    }

    private static <S extends Split> Trace<S> centred(Trace<S> trace, double[] mean) {
        List<TraceBlock> blocks = new ArrayList<>();
        for (TraceBlock block : trace.blocks()) {
            float[] values = block.output().clone();
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (values[i] - mean[i % mean.length]);
            }
            blocks.add(block.withOutput(values));
        }
        return new Trace<>(trace.frame(), blocks, trace.skipped(), trace.provenance());
    }

    /** A trace whose embeddings are sums of the units up to a layer; layers must be asked for in order. */
    private static final class Sums<S extends Split> {
        private final Trace<S> trace;
        private final List<float[]> sums = new ArrayList<>();
        private int next = -1;

        Sums(Trace<S> trace) {
            this.trace = trace;
            trace.blocks()
                    .forEach(b -> sums.add(new float[b.size() * trace.shape().sharedWidth()]));
        }

        Trace<S> upTo(int layer) {
            UnitShape shape = trace.shape();
            while (next <= layer) {
                List<UnitId> added = new ArrayList<>();
                for (UnitId unit : shape.ids()) {
                    boolean embedding = unit.kind() == UnitId.Kind.EMBEDDING;
                    if (next < 0 ? embedding : !embedding && unit.layer() == next) {
                        added.add(unit);
                    }
                }
                for (int b = 0; b < sums.size(); b++) {
                    add(trace.blocks().get(b), added, sums.get(b));
                }
                next++;
            }
            List<TraceBlock> blocks = new ArrayList<>();
            for (int b = 0; b < sums.size(); b++) {
                blocks.add(trace.blocks().get(b).withOutput(sums.get(b).clone()));
            }
            return new Trace<>(trace.frame(), blocks, trace.skipped(), trace.provenance());
        }

        private void add(TraceBlock block, List<UnitId> units, float[] sum) {
            for (UnitId unit : units) {
                try (NativeScope scope = NativeScope.inference()) {
                    Tensor values = block.unit(trace.frame(), unit);
                    float[] numbers = Tensors.floats(values);
                    for (int i = 0; i < sum.length; i++) {
                        sum[i] += numbers[i];
                    }
                }
            }
        }
    }
}
