package io.residual.survey;

import io.residual.model.ImageTextModel;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.weights.SafetensorsFile;
import io.residual.weights.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The same tower with nothing learned: the entries of every weight tensor in another order. Every tensor keeps the size and spread of
 * its numbers, and no structure is left. What such a tower shows as well was not learned.
 */
final class ControlTower implements AutoCloseable {
    private final Path folder;
    private final ImageTextModel model;

    private ControlTower(Path folder, ImageTextModel model) {
        this.folder = folder;
        this.model = model;
    }

    /** The control of a model in 32-bit floats, in a temporary folder until it is closed. */
    static ControlTower of(Path source, long seed) {
        Random random = new Random(seed);
        try {
            Path folder = Files.createTempDirectory("residual-control");
            try {
                for (Path file : files(source)) {
                    Path target = folder.resolve(String.valueOf(file.getFileName()));
                    if (target.toString().endsWith(".safetensors")) {
                        shuffle(file, target, random);
                    } else {
                        Files.copy(file, target);
                    }
                }
                return new ControlTower(folder, ImageTextModel.open(folder));
            } catch (RuntimeException | Error | IOException e) {
                delete(folder);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a control tower: " + e.getMessage(), e);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static void shuffle(Path source, Path target, Random random) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        try (SafetensorsFile weights = SafetensorsFile.open(source)) {
            weights.metadata().forEach(writer::metadata);
            for (String name : weights.names().stream().sorted().toList()) {
                try (NativeScope scope = NativeScope.inference()) {
                    Tensor tensor = weights.read(name);
                    float[] values = Tensors.floats(tensor.to(ScalarType.Float));
                    for (int i = values.length - 1; i > 0; i--) {
                        int j = random.nextInt(i + 1);
                        float held = values[i];
                        values[i] = values[j];
                        values[j] = held;
                    }
                    writer.add(name, values, Tensors.shape(tensor));
                }
            }
        }
        writer.writeTo(target);
    }

    ImageTextModel model() {
        return model;
    }

    @Override
    public void close() {
        try {
            model.close();
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) {
        try {
            for (Path file : files(folder)) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder + ": " + e.getMessage(), e);
        }
    }
}
