package io.residual.model;

import io.residual.tensor.Finite;
import io.residual.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Collects a model's tensors under the names of a layout, in 16 or 32 bits; what {@link WeightReader} reads. */
final class WeightWriter {
    private final SafetensorsWriter file = new SafetensorsWriter().metadata("format", "pt");
    private final ScalarType type;

    WeightWriter(boolean half) {
        type = half ? ScalarType.Half : ScalarType.Float;
    }

    void tensor(String name, Tensor tensor) {
        file.add(
                name,
                Finite.require(
                        tensor.detach().to(type),
                        "tensor '" + name + "', which was to be written in " + (type == ScalarType.Half ? 16 : 32)
                                + " bits",
                        "Train again with a smaller rate"));
    }

    void norm(String name, LayerNorm norm) {
        tensor(name + ".weight", norm.weight());
        tensor(name + ".bias", norm.bias());
    }

    void linear(String name, Linear linear) {
        tensor(name + ".weight", linear.weight());
        Tensor bias = linear.bias();
        if (bias != null) {
            tensor(name + ".bias", bias);
        }
    }

    /** Writes to a path that the caller makes atomic. */
    void writeTo(Path path) throws IOException {
        file.writeTo(path);
    }
}
