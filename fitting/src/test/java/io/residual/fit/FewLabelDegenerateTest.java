package io.residual.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.adapt.Adapter;
import io.residual.adapt.Cached;
import io.residual.adapt.Method;
import io.residual.adapt.SpectralHead;
import io.residual.base.InputException;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Images that leave a method little to learn from: a clear answer each, and never a number that is none. */
class FewLabelDegenerateTest {
    private static final int D = 5;
    private static final Classifier CLASSIFIER = classifier();

    static Stream<Method> methods() {
        return Arrays.stream(Method.values()).filter(Method::fewLabels);
    }

    private static Classifier classifier() {
        float[] weights = new float[D * 3];
        for (int c = 0; c < 3; c++) {
            weights[c * 3 + c] = 30;
        }
        return new Classifier(List.of("a", "b", "c"), weights);
    }

    private static float[] images(int n, long seed) {
        Random random = new Random(seed);
        float[] x = new float[n * D];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) (1 + .5 * random.nextGaussian());
        }
        return x;
    }

    private static Samples samples(float[] x, int... labels) {
        Tensor y = Tensors.of(x, labels.length, D);
        return new Samples(new Cached(y, y.narrow(1, 0, 0)), labels);
    }

    private static Trainer.Fitted fit(Method method, float[] x, int... labels) {
        if (method == Method.RESIDUAL_GDA) {
            Tensor y = Tensors.of(x, labels.length, D);
            return new ResidualGaussianFit(FirstDimensions.design(D), CLASSIFIER, y, FirstDimensions.samples(y, labels))
                    .fit(FirstDimensions.samples(Tensors.of(images(3, 7), 3, D), 0, 1, 2));
        }
        return new FewLabelFit(
                        samples(x, labels), samples(images(3, 7), 0, 1, 2), CLASSIFIER, new Unlabelled(6, images(6, 8)))
                .fit(method);
    }

    private static float[] logits(Adapter adapter) {
        Tensor y = Tensors.of(images(4, 9), 4, D);
        if (adapter instanceof SpectralHead both) {
            return Tensors.floats(adapter.logits(FirstDimensions.features(both.spectral(), y), CLASSIFIER));
        }
        return Tensors.floats(adapter.logits(adapter instanceof Adapter.LinearMap map ? map.mapped(y) : y, CLASSIFIER));
    }

    private static void finite(Method method, float[] x, int... labels) {
        try (NativeScope scope = NativeScope.inference()) {
            Trainer.Fitted fitted = fit(method, x, labels);
            for (float logit : logits(fitted.adapter())) {
                assertTrue(Float.isFinite(logit), method.label());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void aClassWithoutAnImage_isNamed(Method method) {
        try (NativeScope scope = NativeScope.inference()) {
            InputException e = assertThrows(InputException.class, () -> fit(method, images(4, 1), 0, 0, 2, 2));
            assertTrue(String.valueOf(e.getMessage()).contains("the class 'b'"), e.getMessage());
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void oneImageAClass_isEnough(Method method) {
        finite(method, images(3, 1), 0, 1, 2);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void oneImageOfOneClass_besideMoreOfOthers(Method method) {
        finite(method, images(7, 1), 0, 1, 0, 2, 2, 0, 0);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void imagesOfAClassThatAreTheSame_leaveNoCovariance(Method method) {
        float[] x = new float[6 * D];
        float[] three = images(3, 1);
        System.arraycopy(three, 0, x, 0, three.length);
        System.arraycopy(three, 0, x, three.length, three.length);
        finite(method, x, 0, 1, 2, 0, 1, 2);
    }

    /** Nothing tells the classes apart: the closed forms, which learn from differences alone, are the model as it is. */
    @ParameterizedTest
    @MethodSource("methods")
    void imagesThatAreAllTheSame_teachNothing_andItIsSaid(Method method) {
        float[] x = new float[6 * D];
        Arrays.fill(x, .5f);
        finite(method, x, 0, 1, 2, 0, 1, 2);
        try (NativeScope scope = NativeScope.inference()) {
            Trainer.Fitted fitted = fit(method, x, 0, 1, 2, 0, 1, 2);
            assertNotNull(fitted.note());
            assertTrue(fitted.note().contains("all 6 training images have the same embedding"), fitted.note());
            if (method == Method.GDA || method == Method.KERNEL_RIDGE || method == Method.RESIDUAL_GDA) {
                assertArrayEquals(logits(new Adapter.Identity()), logits(fitted.adapter()), 1e-5f);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void aFeatureThatIsConstant_isNoDirection(Method method) {
        float[] x = images(6, 1);
        for (int i = 0; i < 6; i++) {
            x[i * D + 4] = 0;
        }
        finite(method, x, 0, 1, 2, 0, 1, 2);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void anEmbeddingWithoutDirection_isRefused(Method method) {
        float[] x = images(3, 1);
        Arrays.fill(x, D, 2 * D, 0);
        try (NativeScope scope = NativeScope.inference()) {
            InputException e = assertThrows(InputException.class, () -> fit(method, x, 0, 1, 2));
            assertTrue(String.valueOf(e.getMessage()).contains("training image 2"), e.getMessage());
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void theMethod_isTheAdapters(Method method) {
        try (NativeScope scope = NativeScope.inference()) {
            assertEquals(
                    method,
                    fit(method, images(6, 1), 0, 1, 2, 0, 1, 2).adapter().method());
        }
    }
}
