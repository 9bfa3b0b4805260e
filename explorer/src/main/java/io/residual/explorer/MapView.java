package io.residual.explorer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.Calibration;
import io.residual.base.Progress;
import io.residual.data.Split;
import io.residual.data.SplitNames.Part;
import io.residual.report.EmbeddingMap;
import io.residual.spectrum.Features;
import io.residual.units.Trace;
import io.residual.zeroshot.Classifier;
import io.residual.zeroshot.Temperature;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The map of all images of a report: validation images, and training images where their trace is there anyway. Images are numbered: first
 * those of validation, in the order of its trace, then those of training. Predictions are the first adapter's. Of more images than a page can
 * move, all of validation are shown that fit, and evenly spread ones of training.
 */
final class MapView {
    /** Points, at most. */
    static final int MOST = 20_000;

    private MapView() {}

    /** The map, with {@code left_out}, the number of images that are not in it. */
    static ObjectNode json(
            ReportSource source, Classifier classifier, Adapter adapter, Verdicts verdicts, Progress progress) {
        Trace<Split.Validation> validation = spread(source.validation(), MOST);
        @Nullable Trace<Split.Train> training = source.training();
        int ofTraining = training == null ? 0 : Math.min(training.size(), MOST - validation.size());
        double temperature = verdicts.calibration().temperature();
        Answers answers = Answers.of(adapter, classifier, validation, temperature);
        Features features = Features.of(validation);
        int[] numbers = spreadRows(source.validation().size(), validation.size());
        if (training != null && ofTraining > 0) {
            Trace<Split.Train> some = spread(training, ofTraining);
            answers = answers.and(Answers.of(adapter, classifier, some, temperature));
            features = features.and(Features.of(some));
            numbers = IntStream.concat(
                            Arrays.stream(numbers),
                            Arrays.stream(spreadRows(training.size(), ofTraining))
                                    .map(i -> source.validation().size() + i))
                    .toArray();
        }
        ObjectNode map = EmbeddingMap.of(features, progress)
                .json(
                        answers.said(validation.size()),
                        numbers,
                        classifier.classes(),
                        Arrays.stream(Part.values()).map(Part::id).toList());
        int all = source.validation().size() + (training == null ? 0 : training.size());
        return map.put("left_out", all - numbers.length).put("training", ofTraining);
    }

    private static int[] spreadRows(int size, int most) {
        int count = Math.min(size, most);
        return IntStream.range(0, count)
                .map(i -> (int) ((long) i * size / count))
                .toArray();
    }

    private static <S extends Split> Trace<S> spread(Trace<S> trace, int most) {
        return trace.size() <= most ? trace : trace.some(spreadRows(trace.size(), most));
    }

    /** Names, labels and predictions of images. */
    private record Answers(List<String> names, int[] labels, int[] predicted, double[] doubts) {
        static Answers of(Adapter adapter, Classifier classifier, Trace<? extends Split> trace, double temperature) {
            int classes = classifier.classes().size();
            int[] labels = trace.labels();
            int[] predicted = new int[labels.length];
            double[] doubts = new double[labels.length];
            int at = 0;
            for (double[] block : Calibration.logits(adapter, classifier, trace)) {
                for (int from = 0; from < block.length; from += classes) {
                    double[] p = Temperature.probabilities(block, from, classes, temperature);
                    for (int c = 1; c < classes; c++) {
                        predicted[at] = p[c] > p[predicted[at]] ? c : predicted[at];
                    }
                    doubts[at] = 1 - p[labels[at]];
                    at++;
                }
            }
            return new Answers(trace.names(), labels, predicted, doubts);
        }

        Answers and(Answers others) {
            return new Answers(
                    Stream.concat(names.stream(), others.names.stream()).toList(),
                    IntStream.concat(Arrays.stream(labels), Arrays.stream(others.labels))
                            .toArray(),
                    IntStream.concat(Arrays.stream(predicted), Arrays.stream(others.predicted))
                            .toArray(),
                    DoubleStream.concat(Arrays.stream(doubts), Arrays.stream(others.doubts))
                            .toArray());
        }

        /** What the map says of them, the first of which are of validation. */
        EmbeddingMap.Said said(int validation) {
            return new EmbeddingMap.Said() {
                @Override
                public String name(int image) {
                    return names.get(image);
                }

                @Override
                public int label(int image) {
                    return labels[image];
                }

                @Override
                public int predicted(int image) {
                    return predicted[image];
                }

                @Override
                public double doubt(int image) {
                    return doubts[image];
                }

                @Override
                public int split(int image) {
                    return (image < validation ? Part.VALIDATION : Part.TRAIN).ordinal();
                }
            };
        }
    }
}
