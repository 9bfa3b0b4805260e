package io.residual.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

class SafetensorsRoundTripTest {
    private @Nullable Path path;

    /**
     * A tensor before it is written.
     *
     * @param values a float[], double[] or long[]
     */
    private record Stored(Object values, long[] shape) {
        @Override
        public String toString() {
            return values.getClass().getSimpleName() + Arrays.toString(shape);
        }
    }

    @BeforeTry
    void makeFile() throws IOException {
        path = Files.createTempFile("round-trip", ".safetensors");
    }

    @AfterTry
    void deleteFile() throws IOException {
        Files.delete(file());
    }

    private Path file() {
        if (path == null) {
            throw new IllegalStateException("no try has begun");
        }
        return path;
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void writeThenRead_isTheIdentity(
            @ForAll("tensors") Map<String, Stored> tensors, @ForAll @Size(max = 3) Map<String, String> metadata) {
        write(tensors, metadata);
        try (SafetensorsFile file = SafetensorsFile.open(file());
                NativeScope scope = NativeScope.inference()) {
            assertEquals(tensors.keySet(), file.names());
            assertEquals(metadata, file.metadata());
            tensors.forEach((name, stored) -> {
                Tensor read = file.read(name);
                assertArrayEquals(stored.shape(), Tensors.shape(read));
                assertArrayEquals(stored.shape(), file.info(name).dimensions());
                requireValues(stored.values(), read);
            });
        }
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void anyOneDamagedByte_isRefusedOrHarmless(
            @ForAll("tensors") Map<String, Stored> tensors,
            @ForAll @IntRange(min = 0, max = 1_000_000) int where,
            @ForAll byte value)
            throws IOException {
        write(tensors, Map.of("k", "v"));
        byte[] bytes = Files.readAllBytes(file());
        bytes[where % bytes.length] = value;
        Files.write(file(), bytes);
        requireRefusedOrReadable();
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void anyCut_isRefused(
            @ForAll("tensors") Map<String, Stored> tensors, @ForAll @IntRange(min = 0, max = 1_000_000) int where)
            throws IOException {
        write(tensors, Map.of("k", "v"));
        byte[] bytes = Files.readAllBytes(file());
        Files.write(file(), Arrays.copyOf(bytes, where % bytes.length));
        assertThrows(InputException.class, () -> SafetensorsFile.open(file()).close());
    }

    private void requireRefusedOrReadable() {
        try (SafetensorsFile file = SafetensorsFile.open(file());
                NativeScope scope = NativeScope.inference()) {
            for (String name : file.names()) {
                assertArrayEquals(file.info(name).dimensions(), Tensors.shape(file.read(name)));
            }
        } catch (InputException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith(file().toString()), message);
        }
    }

    private void write(Map<String, Stored> tensors, Map<String, String> metadata) {
        SafetensorsWriter writer = new SafetensorsWriter();
        metadata.forEach(writer::metadata);
        tensors.forEach((name, stored) -> {
            if (stored.values() instanceof float[] values) {
                writer.add(name, values, stored.shape());
            } else if (stored.values() instanceof double[] values) {
                writer.add(name, values, stored.shape());
            } else {
                writer.add(name, (long[]) stored.values(), stored.shape());
            }
        });
        writer.write(file());
    }

    private static void requireValues(Object expected, Tensor read) {
        boolean empty = read.numel() == 0;
        if (expected instanceof float[] values) {
            assertEquals(torch.ScalarType.Float, read.scalar_type().intern());
            assertArrayEquals(values, empty ? new float[0] : Tensors.floats(read));
        } else if (expected instanceof double[] values) {
            assertEquals(torch.ScalarType.Double, read.scalar_type().intern());
            assertArrayEquals(values, empty ? new double[0] : Tensors.doubles(read));
        } else {
            assertEquals(torch.ScalarType.Long, read.scalar_type().intern());
            assertArrayEquals((long[]) expected, empty ? new long[0] : Tensors.longs(read));
        }
    }

    @Provide
    Arbitrary<Map<String, Stored>> tensors() {
        // Names with quotes, dots and letters beyond ASCII have to survive the JSON of the header.
        Arbitrary<String> names =
                Arbitraries.strings().withChars("abyz.\"\\ é漢").ofMinLength(1).ofMaxLength(6);
        return names.list().uniqueElements().ofMaxSize(4).flatMap(some -> stored().list()
                .ofSize(some.size())
                .map(tensors -> {
                    Map<String, Stored> map = new LinkedHashMap<>();
                    for (int i = 0; i < some.size(); i++) {
                        map.put(some.get(i), tensors.get(i));
                    }
                    return map;
                }));
    }

    /** Floats, doubles or longs of up to four axes; scalars and empty ones among them. */
    private static Arbitrary<Stored> stored() {
        Arbitrary<List<Integer>> shapes =
                Arbitraries.integers().between(0, 4).list().ofMaxSize(4);
        return Combinators.combine(shapes, Arbitraries.integers().between(0, 2)).flatAs((sizes, type) -> {
            long[] shape = sizes.stream().mapToLong(Integer::longValue).toArray();
            int length = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            return switch (type) {
                case 0 -> floats().array(Float[].class).ofSize(length).map(v -> new Stored(unboxed(v), shape));
                case 1 -> doubles().array(double[].class).ofSize(length).map(v -> new Stored(v, shape));
                default ->
                    Arbitraries.longs().array(long[].class).ofSize(length).map(v -> new Stored(v, shape));
            };
        });
    }

    private static Arbitrary<Float> floats() {
        return Arbitraries.oneOf(
                Arbitraries.floats(),
                Arbitraries.of(-0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE));
    }

    private static Arbitrary<Double> doubles() {
        return Arbitraries.oneOf(
                Arbitraries.doubles(),
                Arbitraries.of(-0., Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MIN_VALUE));
    }

    private static float[] unboxed(Float[] values) {
        float[] out = new float[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = values[i];
        }
        return out;
    }
}
