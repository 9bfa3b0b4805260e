package io.residual.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.adapt.Adapter;
import io.residual.adapt.HeadScaleDesign;
import io.residual.base.Progress;
import io.residual.fit.AlignmentSettings.Goal;
import io.residual.fixtures.TracedKit;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The search against trying every candidate by the adapter's own definition. */
class HeadSearchTest {
    @TempDir
    Path temporary;

    /** Every other image of each class, as the search divides them. */
    private static int[] choosing(int... labels) {
        int[] seen = new int[100];
        List<Integer> rows = new ArrayList<>();
        for (int i = 0; i < labels.length; i++) {
            if ((labels[i] + seen[labels[i]]++) % 2 == 0) {
                rows.add(i);
            }
        }
        return rows.stream().mapToInt(i -> i).toArray();
    }

    /** The goal on some rows, and minus the loss. */
    private static double[] value(TracedKit kit, Adapter adapter, int[] rows, Goal goal) {
        int classes = kit.classifier().classes().size();
        Tensor logits = adapter.logits(kit.b(), kit.classifier()).index_select(0, Tensors.indices(rows));
        int[] labels = Arrays.stream(rows).map(i -> kit.b().labels()[i]).toArray();
        int[] said = Tensors.ints(Ops.argmaxRows(logits));
        double[] right = new double[classes];
        double[] of = new double[classes];
        for (int i = 0; i < labels.length; i++) {
            of[labels[i]]++;
            right[labels[i]] += said[i] == labels[i] ? 1 : 0;
        }
        double worst = 1;
        for (int c = 0; c < classes; c++) {
            worst = of[c] == 0 ? worst : Math.min(worst, right[c] / of[c]);
        }
        double share = Arrays.stream(right).sum() / labels.length;
        double loss = Ops.crossEntropy(logits, Tensors.indices(labels)).item_double();
        return new double[] {goal == Goal.ACCURACY ? share : worst, -loss};
    }

    private static boolean better(double[] a, double[] b) {
        return a[0] > b[0] || (a[0] == b[0] && a[1] > b[1] + 1e-4 * Math.abs(b[1]));
    }

    @ParameterizedTest
    @CsvSource({"clip-hf, ACCURACY", "siglip, ACCURACY", "dinov3, WORST_CLASS"})
    void theFirstStep_isTheBestOfAll(String name, Goal goal) {
        TracedKit kit = TracedKit.unpack(name, temporary);
        try (NativeScope scope = NativeScope.inference()) {
            HeadSearch search =
                    new HeadSearch(kit.trace(kit.a()), kit.trace(kit.b()), kit.classifier(), goal, Progress.silent());
            Trainer.Fitted fitted = search.fit();
            HeadScaleDesign design = HeadScaleDesign.centred(
                    kit.frame(), Tensors.floats(Ops.mean(kit.a().headColumns(), 0)));
            int[] rows = choosing(kit.b().labels());
            float[] ones = new float[design.parameters()];
            Arrays.fill(ones, 1);
            float[] bestLambdas = ones;
            double[] best = value(kit, new Adapter.Spectral(design, ones), rows, goal);
            for (int h = 0; h < ones.length; h++) {
                for (float level : new float[] {0, .5f}) {
                    float[] lambdas = ones.clone();
                    lambdas[h] = level;
                    double[] tried = value(kit, new Adapter.Spectral(design, lambdas), rows, goal);
                    if (better(tried, best)) {
                        best = tried;
                        bestLambdas = lambdas;
                    }
                }
            }
            if (bestLambdas == ones) {
                assertTrue(search.steps().isEmpty());
            } else {
                assertArrayEquals(bestLambdas, search.steps().get(0), name);
            }
            for (int i = 1; i < search.steps().size(); i++) { // one head less or halved at a time
                float[] before = search.steps().get(i - 1);
                float[] after = search.steps().get(i);
                int changed = 0;
                for (int h = 0; h < before.length; h++) {
                    assertTrue(after[h] <= before[h]);
                    changed += after[h] < before[h] ? 1 : 0;
                }
                assertEquals(1, changed);
            }
            int[] all = new int[kit.b().labels().length];
            Arrays.setAll(all, i -> i);
            double[] chosen = value(kit, fitted.adapter(), all, Goal.ACCURACY);
            assertEquals(chosen[0], fitted.best().validationAccuracy(), 1e-12);
            assertEquals(-chosen[1], fitted.best().validationLoss(), 1e-4);
        }
    }
}
