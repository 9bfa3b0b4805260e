package io.residual.adapt;

import io.residual.adapt.ComponentDesign.Part;
import io.residual.units.UnitShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Parts of a design as four tensors: {@code units} [U], {@code kept} [U], {@code means} [U, D], {@code components} [Σ kept, D]. */
final class StoredParts {
    /** Stands among units for the output itself, which is none of them. */
    private static final long OUTPUT = -1;

    private StoredParts() {}

    /** Units with their components. */
    static void store(List<Part> parts, UnitShape shape, StoredAdapter to) {
        store(parts, parts.stream().mapToLong(p -> shape.index(p.unit())).toArray(), to);
    }

    /** The output's components. */
    static void storeOutput(Part part, StoredAdapter to) {
        store(List.of(part), new long[] {OUTPUT}, to);
    }

    private static void store(List<Part> parts, long[] units, StoredAdapter to) {
        int d = parts.get(0).mean().length;
        long[] kept = parts.stream().mapToLong(Part::kept).toArray();
        float[] means = new float[parts.size() * d];
        float[] components = new float[(int) Arrays.stream(kept).sum() * d];
        int at = 0;
        for (int i = 0; i < parts.size(); i++) {
            System.arraycopy(parts.get(i).mean(), 0, means, i * d, d);
            float[] rows = parts.get(i).components();
            System.arraycopy(rows, 0, components, at, rows.length);
            at += rows.length;
        }
        to.add("units", units, units.length)
                .add("kept", kept, kept.length)
                .add("means", means, parts.size(), d)
                .add("components", components, components.length / d, d);
    }

    /** The parts of a file, at least one; that of the output has the first unit's name. */
    static List<Part> read(AdapterSource from) {
        int d = from.width();
        UnitShape shape = from.frame().shape();
        long[] units = from.longs("units");
        int[] kept = from.ints("kept", d + 1L, units.length);
        if (units.length == 0) {
            throw from.wrong("units", "none", "at least one");
        }
        long total = 0;
        for (int i = 0; i < units.length; i++) {
            boolean output = units.length == 1 && units[i] == OUTPUT;
            boolean known = output || (units[i] >= 0 && units[i] < shape.units());
            if (!known) {
                throw from.wrong("units", String.valueOf(units[i]), "0 to " + (shape.units() - 1));
            }
            total += kept[i];
        }
        float[] means = from.floats("means", units.length, d);
        float[] components = from.floats("components", total, d);
        List<Part> parts = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < units.length; i++) {
            parts.add(new Part(
                    shape.unit((int) Math.max(units[i], 0)),
                    kept[i],
                    Arrays.copyOfRange(means, i * d, (i + 1) * d),
                    Arrays.copyOfRange(components, at * d, (at + kept[i]) * d)));
            at += kept[i];
        }
        return parts;
    }
}
