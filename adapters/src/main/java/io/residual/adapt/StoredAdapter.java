package io.residual.adapt;

import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.tensor.Finite;
import io.residual.weights.SafetensorsWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter hands to its file: named tensors and, where the method leaves the choice, what becomes of the other units and
 * of the means. {@link AdapterSource} is the way back. For one thread.
 */
public final class StoredAdapter {
    private final List<Consumer<SafetensorsWriter>> tensors = new ArrayList<>();
    private final List<float[]> floats = new ArrayList<>();
    private @Nullable Others others;
    private @Nullable Means means;

    StoredAdapter() {}

    StoredAdapter add(String name, float[] values, long... shape) {
        floats.add(values);
        tensors.add(writer -> writer.add(name, values, shape));
        return this;
    }

    StoredAdapter add(String name, long[] values, long... shape) {
        tensors.add(writer -> writer.add(name, values, shape));
        return this;
    }

    StoredAdapter others(Others choice) {
        others = choice;
        return this;
    }

    StoredAdapter means(Means choice) {
        means = choice;
        return this;
    }

    /** What becomes of the other units, as files spell it; null where the method leaves no choice. */
    @Nullable
    String others() {
        return others == null ? null : others.name();
    }

    /** What becomes of the means, as files spell it; null where the method leaves no choice. */
    @Nullable
    String means() {
        return means == null ? null : means.name();
    }

    /** Refuses numbers that {@link AdapterSource} would refuse. */
    void requireFinite(String where, String remedy) {
        floats.forEach(values -> Finite.require(values, where, remedy));
    }

    void write(SafetensorsWriter writer) {
        tensors.forEach(tensor -> tensor.accept(writer));
    }
}
