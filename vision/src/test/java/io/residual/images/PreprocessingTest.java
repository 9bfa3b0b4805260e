package io.residual.images;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.images.Preprocessing.Resize;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The expected images are those of open_clip's image_transform and of torchvision's center_crop, to the bit. */
class PreprocessingTest {
    private static final Golden GOLDEN = Golden.open("fit");
    private static final Image IMAGE = Golden.open("resize").image("picture");

    private static Preprocessing of(Resize resize, int height, int width, int cropHeight, int cropWidth) {
        return new Preprocessing(
                resize,
                height,
                width,
                Resampling.BICUBIC,
                cropHeight,
                cropWidth,
                Preprocessing.CLIP_MEAN,
                Preprocessing.CLIP_DEVIATION);
    }

    static Stream<String> shortest() {
        return GOLDEN.names("shortest16.");
    }

    static Stream<String> squashed() {
        return GOLDEN.names("squash15x12.");
    }

    static Stream<String> cropped() {
        return GOLDEN.names("crop10x8.");
    }

    @ParameterizedTest
    @MethodSource("shortest")
    void fit_shortestEdge_equalsOpenClip(String name) {
        Image fitted = of(Resize.SHORTEST_EDGE, 16, 16, 16, 16).fit(Golden.corner(IMAGE, name, 0));
        Golden.assertSame(GOLDEN.image(name), fitted);
    }

    @ParameterizedTest
    @MethodSource("squashed")
    void fit_exact_equalsOpenClip(String name) {
        Image fitted = of(Resize.EXACT, 12, 15, 0, 0).fit(Golden.corner(IMAGE, name, 0));
        Golden.assertSame(GOLDEN.image(name), fitted);
    }

    @ParameterizedTest
    @MethodSource("cropped")
    void fit_cropOnly_equalsTorchvision(String name) {
        Image fitted = of(Resize.NONE, 0, 0, 8, 10).fit(Golden.corner(IMAGE, name, 0));
        Golden.assertSame(GOLDEN.image(name), fitted);
    }

    @Test
    void golden_hasEveryCase() {
        assertEquals(11, shortest().count());
        assertEquals(4, squashed().count());
        assertEquals(11, cropped().count());
    }

    @Test
    void fit_withoutCrop_keepsProportionsRoundedDown() {
        // 23 : 37 = 8 : 12.87
        Image fitted = of(Resize.SHORTEST_EDGE, 8, 8, 0, 0).fit(IMAGE);
        assertEquals(12, fitted.width());
        assertEquals(8, fitted.height());
    }

    @Test
    void fit_nothingToDo_changesNothing() {
        Golden.assertSame(IMAGE, of(Resize.NONE, 0, 0, 0, 0).fit(IMAGE));
    }

    /** All that lies outside the image is black; the image itself is not. */
    @Test
    void fit_cropOfSmallerImage_isBlackAround() {
        byte[] white = new byte[4 * 2 * 3];
        Arrays.fill(white, (byte) 255);
        Image fitted = of(Resize.NONE, 0, 0, 8, 10).fit(new Image(4, 2, white));
        for (int y = 0; y < 8; y++) {
            for (int x = 0; x < 10; x++) {
                boolean inside = x >= 3 && x < 7 && y >= 3 && y < 5;
                assertEquals(inside ? 255 : 0, fitted.at(x, y, 1), x + ", " + y);
            }
        }
    }

    @Test
    void apply_clip_equalsOpenClip() {
        Preprocessing preprocessing = of(Resize.SHORTEST_EDGE, 8, 8, 8, 8);
        float[] target = new float[3 * 8 * 8];
        preprocessing.apply(IMAGE, target, 0);
        // Numbers of size 2 computed in the same order with single precision: at most the last digit may differ.
        assertArrayEquals(GOLDEN.floats("normalised8.37x23"), target, 5e-7f);
    }

    @Test
    void apply_atOffset_writesOnlyItsOwnPlanes() {
        float[] mean = {0, .5f, 1};
        float[] deviation = {1, .5f, .25f};
        Preprocessing preprocessing = new Preprocessing(Resize.NONE, 1, 2, Resampling.BICUBIC, 0, 0, mean, deviation);
        float[] target = new float[9];
        Arrays.fill(target, 7);
        // (v / 255 - mean) / deviation by hand: 0 and 1, 0 and 1, 1 and 0.
        preprocessing.apply(new Image(2, 1, new byte[] {0, 0, -1, -1, -1, 0}), target, 2);
        assertArrayEquals(new float[] {7, 7, 0, 1, -1, 1, 0, -4, 7}, target);
    }

    @ParameterizedTest
    @CsvSource({
        "SHORTEST_EDGE, 24, 24, 16, 12, 16, 12",
        "SHORTEST_EDGE, 24, 0, 0, 0, 24, 24",
        "EXACT, 24, 20, 0, 0, 24, 20",
        "EXACT, 24, 20, 16, 12, 16, 12",
    })
    void input_isTheCropOrElseTheResizedImage(
            Resize resize, int height, int width, int cropHeight, int cropWidth, int inputHeight, int inputWidth) {
        Preprocessing preprocessing = of(resize, height, width, cropHeight, cropWidth);
        assertEquals(inputHeight, preprocessing.inputHeight());
        assertEquals(inputWidth, preprocessing.inputWidth());
        assertEquals(3 * inputHeight * inputWidth, preprocessing.inputLength());
    }

    /** By definition: transformers begins at ⌊(size − crop) / 2⌋, also where that is negative. */
    @ParameterizedTest
    @CsvSource({"19, 16, 1", "18, 16, 1", "16, 16, 0", "7, 10, -2", "8, 10, -1"})
    void fit_marginOfTransformers_beginsAtTheFlooredHalf(int size, int crop, int first) {
        byte[] rgb = new byte[size * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (1 + i / 3);
        }
        Preprocessing floored = new Preprocessing(
                Preprocessing.Resize.NONE,
                0,
                0,
                Resampling.BICUBIC,
                1,
                crop,
                Preprocessing.CLIP_MEAN,
                Preprocessing.CLIP_DEVIATION,
                Preprocessing.Margin.FLOORED);
        Image fitted = floored.fit(new Image(size, 1, rgb));
        for (int x = 0; x < crop; x++) {
            int source = x + first;
            assertEquals(source >= 0 && source < size ? 1 + source : 0, fitted.at(x, 0, 0), "column " + x);
        }
    }
}
