package io.residual.fit;

import com.sun.management.OperatingSystemMXBean;
import io.residual.adapt.Cached;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.adapt.Design;
import io.residual.adapt.Method;
import io.residual.base.Progress;
import io.residual.data.Split;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceFolder;
import io.residual.zeroshot.Classifier;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Seconds and memory of fits on many images. A program, no test: speed depends on the machine. Arguments: {@code vectors N} for fits on
 * N made-up embeddings of D = 768 and 100 classes, and methods' names after it for some of them (TransCLIP has N without labels, of which
 * 16 a class have some), or {@code components TRAIN VALIDATION} with two folders of traces for ResiDual* and ResiDual; {@code residual} or {@code residual-star} after them for one of the two.
 */
final class FitSpeed {
    private static final int D = 768;
    private static final int C = 100;

    private FitSpeed() {}

    /** Prints a line for each fit. */
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("vectors")) {
            vectors(Integer.parseInt(arguments[1]), List.of(arguments).subList(2, arguments.length));
        } else {
            components(
                    TraceFolder.train(Path.of(arguments[1])),
                    TraceFolder.validation(Path.of(arguments[2])),
                    arguments.length > 3 ? arguments[3] : "");
        }
    }

    private static void vectors(int n, List<String> wanted) throws Exception {
        Random random = new Random(1);
        float[] text = new float[D * C];
        for (int i = 0; i < text.length; i++) {
            text[i] = (float) (100 * random.nextGaussian() / Math.sqrt(D));
        }
        Classifier classifier =
                new Classifier(IntStream.range(0, C).mapToObj(String::valueOf).toList(), text);
        try (NativeScope scope = NativeScope.inference()) {
            Samples train = samples(n, text, random);
            Samples validation = samples(2_000, text, random);
            Tensor matrix = classifier.matrix();
            PathFit path = new PathFit(AlignmentSettings.PATH, Progress.silent());
            for (Method method : List.of(
                    Method.LINEAR,
                    Method.PROBE,
                    Method.GDA,
                    Method.KERNEL_RIDGE,
                    Method.TEXT_PROBE,
                    Method.CLAP,
                    Method.LP_PLUS,
                    Method.TASK_RES,
                    Method.CROSS_MODAL,
                    Method.TRANSCLIP,
                    Method.RLA)) {
                if (!wanted.isEmpty() && !wanted.contains(method.id())) {
                    continue;
                }
                timed(method, () -> switch (method) {
                    case LINEAR ->
                        path.solve(new LinearProblem(train.data(), matrix), train, validation)
                                .best()
                                .validationAccuracy();
                    case PROBE ->
                        path.solve(new ProbeProblem(matrix), train, validation)
                                .best()
                                .validationAccuracy();
                    case TRANSCLIP ->
                        new FewLabelFit(samples(16 * C, text, random), validation, classifier, unlabelled(train))
                                .fit(method)
                                .best()
                                .validationAccuracy();
                    default ->
                        new FewLabelFit(train, validation, classifier, Unlabelled.NONE)
                                .fit(method)
                                .best()
                                .validationAccuracy();
                });
            }
        }
    }

    private static Unlabelled unlabelled(Samples images) {
        return new Unlabelled(images.size(), Tensors.floats(images.data().coefficients()));
    }

    private static Samples samples(int n, float[] text, Random random) {
        float[] x = new float[n * D];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = i % C;
            for (int j = 0; j < D; j++) {
                x[i * D + j] = (float) (1 + .01 * text[j * C + labels[i]] + random.nextGaussian() / 3);
            }
        }
        Tensor y = Tensors.of(x, n, D);
        return new Samples(new Cached(y, y.narrow(1, 0, 0)), labels);
    }

    private static void components(Trace<Split.Train> train, Trace<Split.Validation> validation, String alone)
            throws Exception {
        Classifier classifier = means(train);
        Bases bases = new Bases(train);
        timed(Method.BASE, () -> {
            bases.units();
            return Double.NaN;
        }); // the spectra
        for (Design design : List.of(
                ComponentDesign.residualStar(train.frame(), bases.units(), .97, Others.KEPT, Means.RESTORED),
                ComponentDesign.residual(train.frame(), bases.units(), Means.RESTORED))) {
            if (!alone.isEmpty() && !alone.equals(design.method().id())) {
                continue;
            }
            System.out.printf(Locale.ROOT, "%,d components%n", design.parameters());
            Trainer trainer = new Trainer(train, validation, classifier, AlignmentSettings.DEFAULT, new Steps());
            timed(design.method(), () -> trainer.fit(design).best().validationAccuracy());
        }
    }

    /** Class means as prompts, at a scale of 30. */
    private static Classifier means(Trace<Split.Train> train) {
        int[] labels = train.labels();
        int classes = Arrays.stream(labels).max().orElse(0) + 1;
        int d = train.shape().sharedWidth();
        double[] sums = new double[classes * d];
        int at = 0;
        for (var block : train.blocks()) {
            float[] y;
            try (NativeScope scope = NativeScope.inference()) {
                y = Tensors.floats(block.outputs());
            }
            for (int i = 0; i < block.size(); i++, at++) {
                for (int j = 0; j < d; j++) {
                    sums[labels[at] * d + j] += y[i * d + j];
                }
            }
        }
        float[] text = new float[d * classes];
        for (int c = 0; c < classes; c++) {
            double square = 0;
            for (int j = 0; j < d; j++) {
                square += sums[c * d + j] * sums[c * d + j];
            }
            for (int j = 0; j < d; j++) {
                text[j * classes + c] = (float) (30 * sums[c * d + j] / Math.sqrt(square));
            }
        }
        return new Classifier(
                IntStream.range(0, classes).mapToObj(String::valueOf).toList(), text);
    }

    /** Prints when each strength was fitted. */
    private static final class Steps implements Progress {
        private final long started = System.nanoTime();
        private String step = "";

        @Override
        public void start(String step, long total) {
            this.step = step;
            at(0, "");
        }

        @Override
        public void at(long done, String detail) {
            System.out.printf(
                    Locale.ROOT, "%8.1f s %s %d %s%n", (System.nanoTime() - started) / 1e9, step, done, detail);
        }

        @Override
        public void finish() {}
    }

    @FunctionalInterface
    private interface Work {
        double accuracy();
    }

    private static void timed(Method method, Work work) throws Exception {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long started = System.nanoTime();
        long worked = system.getProcessCpuTime();
        double accuracy = work.accuracy();
        System.out.printf(
                Locale.ROOT,
                "%-20s %8.1f s %8.1f s of processors, validation %.3f, most memory so far %s%n",
                method.label(),
                (System.nanoTime() - started) / 1e9,
                (system.getProcessCpuTime() - worked) / 1e9,
                accuracy,
                memory());
    }

    /** The largest resident memory, where Linux tells. */
    private static String memory() throws Exception {
        Path status = Path.of("/proc/self/status");
        return !Files.exists(status)
                ? "?"
                : Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("VmHWM"))
                        .map(line -> line.replaceAll("\\D+", ""))
                        .map(kilobytes -> Long.parseLong(kilobytes) / 1024 + " MB")
                        .findFirst()
                        .orElse("?");
    }
}
