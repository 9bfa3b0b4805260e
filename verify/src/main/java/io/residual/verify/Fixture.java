package io.residual.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.data.Split;
import io.residual.model.ImageTextModel;
import io.residual.provenance.Provenance;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitFrame;
import io.residual.weights.SafetensorsFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model with the reference's values.
 *
 * @param expected tensors
 * @param json numbers and lists
 * @param texts of all fixtures; null where the model has no text tower
 * @param tracer of the model
 */
record Fixture(
        ImageTextModel model,
        SafetensorsFile expected,
        JsonNode json,
        @Nullable JsonNode texts,
        Tracer tracer) {
    UnitFrame frame() {
        return tracer.frame();
    }

    <S extends Split> Trace<S> asTrace(TraceBlock block) {
        return new Trace<>(frame(), List.of(block), List.of(), Provenance.now(model.hash(), "kit", 0, 0, Map.of()));
    }

    float[] floats(String name) {
        try (NativeScope scope = NativeScope.inference()) {
            return Tensors.floats(expected.read(name));
        }
    }

    int[] ints(String name) {
        try (NativeScope scope = NativeScope.inference()) {
            return Tensors.ints(expected.read(name));
        }
    }

    static double[] doubles(JsonNode array) {
        double[] values = new double[array.size()];
        Arrays.setAll(values, i -> array.path(i).doubleValue());
        return values;
    }

    static List<String> strings(JsonNode root, String key) {
        List<String> out = new ArrayList<>();
        root.path(key).forEach(n -> out.add(n.asText()));
        return out;
    }
}
