package io.residual.fit;

import io.residual.adapt.Cached;
import io.residual.adapt.Method;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * Seconds of the closed-form fits on made-up embeddings of D = 768, and the largest resident memory of the process. A program, no
 * test: speed depends on the machine. Arguments: classes, images a class, times, and methods (gda,kernel-ridge).
 */
final class FewLabelSpeed {
    private static final int D = 768;

    private FewLabelSpeed() {}

    /** Prints a line for each fit, the first of which also pays for loading code. */
    public static void main(String[] arguments) throws Exception {
        int classes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100;
        int shots = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 16;
        int times = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 5;
        Random random = new Random(1);
        float[] text = new float[D * classes];
        for (int i = 0; i < text.length; i++) {
            text[i] = (float) (100 * random.nextGaussian() / Math.sqrt(D));
        }
        List<String> names =
                IntStream.range(0, classes).mapToObj(String::valueOf).toList();
        Classifier classifier = new Classifier(names, text);
        int n = classes * shots;
        float[] x = new float[n * D];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = i % classes;
            for (int j = 0; j < D; j++) {
                x[i * D + j] = (float) (1 + .01 * text[j * classes + labels[i]] + random.nextGaussian() / 3);
            }
        }
        String methods = arguments.length > 3 ? arguments[3] : "gda,kernel-ridge";
        for (Method method : Stream.of(methods.split(",")).map(Method::named).toList()) {
            for (int i = 0; i < times; i++) {
                try (NativeScope scope = NativeScope.inference()) {
                    Tensor y = Tensors.of(x, n, D);
                    Samples train = new Samples(new Cached(y, y.narrow(1, 0, 0)), labels);
                    Tensor few = y.narrow(0, 0, classes);
                    Samples look = new Samples(
                            new Cached(few, few.narrow(1, 0, 0)),
                            IntStream.range(0, classes).toArray());
                    long started = System.nanoTime();
                    long worked = processor();
                    Trainer.Fitted fitted = new FewLabelFit(train, look, classifier, Unlabelled.NONE).fit(method);
                    System.out.printf(
                            Locale.ROOT,
                            "%s, %d classes x %d images: %.3f s, %.3f s of processors, strength %.3g%n",
                            method.id(),
                            classes,
                            shots,
                            (System.nanoTime() - started) / 1e9,
                            (processor() - worked) / 1e9,
                            fitted.best().penalty());
                }
            }
        }
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM")) {
                System.out.println(line);
            }
        }
    }

    /** Nanoseconds that all processors spent on this process: what a loaded machine cannot change much. */
    private static long processor() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }
}
