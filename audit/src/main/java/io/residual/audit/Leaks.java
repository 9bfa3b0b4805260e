package io.residual.audit;

import io.residual.data.SplitNames.Part;
import io.residual.spectrum.Features;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Accuracy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Images of validation and test with a twin in a split before theirs, and what that does to the test accuracy.
 *
 * @param images their numbers
 * @param withTwin test accuracy of nearest neighbours in training on the test images that have a twin there; null if there are none,
 *     or no embeddings
 * @param without the same on the other test images
 */
public record Leaks(
        List<Integer> images,
        @Nullable Accuracy withTwin,
        @Nullable Accuracy without) {
    /** Neighbours that vote. */
    private static final int VOTES = 5;

    /** Finds and measures them. */
    static Leaks of(AuditImages images, Twins twins, int[] labels, @Nullable Features features) {
        List<Integer> leaked = new ArrayList<>();
        for (int[] group : twins.groups()) {
            Part first = Arrays.stream(group)
                    .mapToObj(images::part)
                    .min(Part::compareTo)
                    .orElse(Part.TRAIN);
            Arrays.stream(group)
                    .filter(i -> images.part(i).compareTo(first) > 0)
                    .forEach(leaked::add);
        }
        leaked.sort(Integer::compare);
        if (features == null) {
            return new Leaks(List.copyOf(leaked), null, null);
        }
        int[] groups = twins.groupOf(labels.length);
        boolean[] trained = new boolean[twins.groups().size()];
        for (int i = 0; i < labels.length; i++) {
            if (groups[i] >= 0 && images.part(i) == Part.TRAIN) {
                trained[groups[i]] = true;
            }
        }
        int[] train = rows(images, features, Part.TRAIN);
        int[] test = rows(images, features, Part.TEST);
        if (train.length == 0 || test.length == 0) {
            return new Leaks(List.copyOf(leaked), null, null);
        }
        int[] predicted =
                predicted(features, train, test, labels, images.classes().size());
        int[] right = new int[2];
        int[] of = new int[2];
        for (int t = 0; t < test.length; t++) {
            int kind = groups[test[t]] >= 0 && trained[groups[test[t]]] ? 0 : 1;
            of[kind]++;
            right[kind] += predicted[t] == labels[test[t]] ? 1 : 0;
        }
        return new Leaks(
                List.copyOf(leaked),
                of[0] == 0 ? null : new Accuracy(right[0], of[0]),
                of[1] == 0 ? null : new Accuracy(right[1], of[1]));
    }

    private static int[] rows(AuditImages images, Features features, Part part) {
        return IntStream.of(features.rows()).filter(i -> images.part(i) == part).toArray();
    }

    /** By the votes of the nearest training images, each with its cosine. */
    private static int[] predicted(Features features, int[] train, int[] test, int[] labels, int classes) {
        try (NativeScope scope = NativeScope.inference()) {
            int[] all =
                    IntStream.concat(IntStream.of(train), IntStream.of(test)).toArray();
            Tensor x = features.centred(all);
            Tensor turned = x.narrow(0, 0, train.length).t().contiguous();
            int[] out = new int[test.length];
            for (int from = 0; from < test.length; from += 512) {
                int size = Math.min(512, test.length - from);
                try (NativeScope block = NativeScope.inference()) {
                    float[] cosines = Tensors.floats(
                            x.narrow(0, train.length + (long) from, size).matmul(turned));
                    for (int i = 0; i < size; i++) {
                        out[from + i] = vote(cosines, i * train.length, train, labels, classes);
                    }
                }
            }
            return out;
        }
    }

    private static int vote(float[] cosines, int at, int[] train, int[] labels, int classes) {
        double[] votes = new double[classes];
        boolean[] used = new boolean[train.length];
        for (int k = 0; k < Math.min(VOTES, train.length); k++) {
            int best = -1;
            for (int j = 0; j < train.length; j++) {
                if (!used[j] && (best < 0 || cosines[at + j] > cosines[at + best])) {
                    best = j;
                }
            }
            used[best] = true;
            votes[labels[train[best]]] += 1 + cosines[at + best];
        }
        return IntStream.range(0, classes)
                .boxed()
                .max((a, b) -> Double.compare(votes[a], votes[b]))
                .orElse(0);
    }
}
