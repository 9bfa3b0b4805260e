package io.residual.images;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The expected images are Pillow's, to the bit. */
class ResamplingTest {
    private static final Golden GOLDEN = Golden.open("resize");

    static Stream<String> resized() {
        return Arrays.stream(Resampling.values()).flatMap(f -> GOLDEN.names(f + "."));
    }

    @ParameterizedTest
    @MethodSource("resized")
    void resize_equalsPillow(String name) {
        Image source = Golden.corner(GOLDEN.image("picture"), name, 1);
        int[] size = Golden.size(name, 0);
        Resampling filter = Resampling.valueOf(name.substring(0, name.indexOf('.')));
        Golden.assertSame(GOLDEN.image(name), filter.resize(source, size[0], size[1]));
    }

    @ParameterizedTest
    @EnumSource
    void golden_hasSixteenSizesOfEveryFilter(Resampling filter) {
        assertEquals(16, GOLDEN.names(filter + ".").count());
    }

    @ParameterizedTest
    @EnumSource
    void resize_sameSize_changesNothing(Resampling filter) {
        Image image = GOLDEN.image("picture");
        Golden.assertSame(image, filter.resize(image, image.width(), image.height()));
    }

    @ParameterizedTest
    @EnumSource
    void resize_noWidthOrHeight_isRefused(Resampling filter) {
        Image image = GOLDEN.image("picture");
        assertThrows(IllegalArgumentException.class, () -> filter.resize(image, 0, 3));
        assertThrows(IllegalArgumentException.class, () -> filter.resize(image, 3, 0));
    }

    /** Every kernel's weights sum to one, closely enough for a byte. */
    @Property(tries = 200)
    void resize_onePlainColour_staysIt(
            @ForAll Resampling filter,
            @ForAll @IntRange(min = 1, max = 40) int width,
            @ForAll @IntRange(min = 1, max = 40) int height,
            @ForAll @IntRange(min = 1, max = 60) int toWidth,
            @ForAll @IntRange(min = 1, max = 60) int toHeight,
            @ForAll byte colour) {
        byte[] rgb = new byte[width * height * 3];
        Arrays.fill(rgb, colour);
        byte[] expected = new byte[toWidth * toHeight * 3];
        Arrays.fill(expected, colour);
        assertArrayEquals(
                expected,
                filter.resize(new Image(width, height, rgb), toWidth, toHeight)
                        .rgb());
    }

    /** The two directions are the same computation. */
    @Property(tries = 200)
    void resize_transposed_isTheTransposedResize(
            @ForAll Resampling filter,
            @ForAll("images") Image image,
            @ForAll @IntRange(min = 1, max = 40) int length) {
        Image across = filter.resize(image, length, image.height());
        Image down = filter.resize(transposed(image), image.height(), length);
        Golden.assertSame(transposed(across), down);
    }

    @Provide
    Arbitrary<Image> images() {
        Arbitrary<Integer> side = Arbitraries.integers().between(1, 20);
        return Combinators.combine(side, side).flatAs((w, h) -> Arbitraries.bytes()
                .array(byte[].class)
                .ofSize(w * h * 3)
                .map(rgb -> new Image(w, h, rgb)));
    }

    private static Image transposed(Image image) {
        byte[] out = new byte[image.rgb().length];
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                for (int c = 0; c < 3; c++) {
                    out[(x * image.height() + y) * 3 + c] = (byte) image.at(x, y, c);
                }
            }
        }
        return new Image(image.height(), image.width(), out);
    }
}
