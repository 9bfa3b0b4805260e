package io.residual;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.weights.SafetensorsFile;
import io.residual.weights.SafetensorsWriter;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.bytedeco.pytorch.Tensor;

/** The conformance kits among the test resources (see golden/trim_kits.py), unpacked to a folder of the test's own. */
public final class KitFixture {
    private static final float[] MEAN = {.48f, .46f, .41f};
    private static final float[] DEVIATION = {.27f, .26f, .28f};

    private KitFixture() {}

    /** The texts of all kits. */
    public static Path texts() {
        return resource("/kits/texts.json");
    }

    /** A kit as it was before trimming, but for the units of set a. */
    public static Path unpack(String name, Path temporary) {
        Path source = resource("/kits/" + name + "/expected.json").getParent();
        Path target = temporary.resolve(name);
        try (Stream<Path> files = Files.list(source)) {
            Files.createDirectories(target);
            for (Path file : files.toList()) {
                if (file.getFileName().toString().equals("expected.safetensors")) {
                    expand(file, target.resolve(file.getFileName()));
                } else {
                    Files.copy(file, target.resolve(file.getFileName()));
                }
            }
            return target;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The kit of CLIP's tokenizer. */
    public static Path tokens(Path temporary) {
        Path source = resource("/kits/tokenizer-clip/expected.json").getParent();
        Path target = temporary.resolve("tokenizer-clip");
        try (InputStream packed = new GZIPInputStream(Files.newInputStream(source.resolve("tokenizer.json.gz")))) {
            Files.createDirectories(target);
            Files.copy(packed, target.resolve("tokenizer.json"));
            for (String name : List.of("expected.json", "tokenizer_config.json")) {
                Files.copy(source.resolve(name), target.resolve(name));
            }
            return target;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A file among the pictures for tests. */
    public static Path image(String name) {
        return resource("/images/" + name);
    }

    private static void expand(Path from, Path to) {
        try (SafetensorsFile file = SafetensorsFile.open(from);
                NativeScope scope = NativeScope.inference()) {
            SafetensorsWriter writer = new SafetensorsWriter();
            for (String name : file.names()) {
                Tensor tensor = file.read(name);
                if (name.endsWith(".pixels")) {
                    writer.add(name.replace(".pixels", ".pixel_values"), normalise(tensor), Tensors.shape(tensor));
                } else {
                    writer.add(name, tensor);
                }
            }
            writer.write(to);
        }
    }

    private static float[] normalise(Tensor pixels) {
        float[] values = Tensors.floats(pixels);
        int area = (int) (pixels.size(2) * pixels.size(3));
        for (int i = 0; i < values.length; i++) {
            int channel = i / area % 3;
            values[i] = (values[i] / 255 - MEAN[channel]) / DEVIATION[channel];
        }
        return values;
    }

    private static Path resource(String path) {
        URL url = Objects.requireNonNull(KitFixture.class.getResource(path), path);
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
