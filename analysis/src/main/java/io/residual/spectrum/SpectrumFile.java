package io.residual.spectrum;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.JsonObject;
import io.residual.base.Schema;
import io.residual.provenance.Provenance;
import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.UnitShape;
import io.residual.weights.SafetensorsFile;
import io.residual.weights.SafetensorsWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The spectra of all units in one safetensors file: {@code ranks} [U], {@code means} [U, D], {@code eigenvalues} [Σ rank],
 * {@code components} [Σ rank, D], all 64-bit; {@code counts} [U]; the metadata entry {@code residual-spectrum} holds shape
 * and provenance as JSON.
 *
 * @param spectra in the order of units
 */
public record SpectrumFile(UnitShape shape, List<Spectrum> spectra, Provenance provenance) {
    private static final String KEY = "residual-spectrum";
    private static final String REMEDY = "Compute the spectra again";

    public SpectrumFile {
        spectra = List.copyOf(spectra);
    }

    /** Writes the file atomically, as one safetensors file (docs/formats.md). */
    public void write(Path target) {
        int units = spectra.size();
        int d = shape.sharedWidth();
        long[] ranks = spectra.stream().mapToLong(Spectrum::rank).toArray();
        int total = (int) Arrays.stream(ranks).sum();
        double[] means = new double[units * d];
        double[] eigenvalues = new double[total];
        double[] components = new double[total * d];
        int at = 0;
        for (int u = 0; u < units; u++) {
            Spectrum s = spectra.get(u);
            System.arraycopy(s.mean(), 0, means, u * d, d);
            System.arraycopy(s.eigenvalues(), 0, eigenvalues, at, s.rank());
            System.arraycopy(s.components(), 0, components, at * d, s.rank() * d);
            at += s.rank();
        }
        ObjectNode info = Schema.SPECTRA.document();
        info.set("shape", shape.json());
        info.set("provenance", provenance.json());
        new SafetensorsWriter()
                .add("ranks", ranks, units)
                .add("counts", spectra.stream().mapToLong(Spectrum::count).toArray(), units)
                .add("means", means, units, d)
                .add("eigenvalues", eigenvalues, total)
                .add("components", components, total, d)
                .metadata(KEY, Json.line(info))
                .write(target);
    }

    private static double[] finite(SafetensorsFile file, String name) {
        return Finite.require(Tensors.doubles(file.read(name)), file.path() + ", tensor '" + name + "'", REMEDY);
    }

    /**
     * Reads a spectrum file.
     *
     * @throws io.residual.base.InputException if it is missing, damaged or inconsistent
     */
    public static SpectrumFile read(Path path) {
        try (SafetensorsFile file = SafetensorsFile.open(path);
                NativeScope scope = NativeScope.inference()) {
            String json = file.metadata().get(KEY);
            if (json == null) {
                throw InputException.at(
                        path, "no '" + KEY + "' metadata", "spectra", "Give a file that residual spectrum wrote");
            }
            JsonObject root = JsonObject.parse(json, path, REMEDY)
                    .requireSchema(Schema.SPECTRA)
                    .only(Schema.KEY, Schema.VERSION, "shape", "provenance");
            UnitShape shape = UnitShape.of(root.object("shape"));
            Provenance provenance = Provenance.of(root.object("provenance"));
            int d = shape.sharedWidth();
            long[] ranks = Tensors.longs(file.read("ranks"));
            long[] counts = Tensors.longs(file.read("counts"));
            double[] means = finite(file, "means");
            double[] eigenvalues = finite(file, "eigenvalues");
            double[] components = finite(file, "components");
            if (ranks.length != shape.units()
                    || counts.length != ranks.length
                    || Arrays.stream(ranks).anyMatch(r -> r < 0 || r > d)
                    || means.length != (long) ranks.length * d
                    || eigenvalues.length != Arrays.stream(ranks).sum()
                    || components.length != (long) eigenvalues.length * d) {
                throw InputException.at(path, "tensors that do not fit together", "spectra of " + shape, REMEDY);
            }
            List<Spectrum> spectra = new ArrayList<>();
            int at = 0;
            for (int u = 0; u < ranks.length; u++) {
                int rank = (int) ranks[u];
                spectra.add(new Spectrum(
                        shape.unit(u),
                        counts[u],
                        Arrays.copyOfRange(means, u * d, (u + 1) * d),
                        Arrays.copyOfRange(eigenvalues, at, at + rank),
                        Arrays.copyOfRange(components, at * d, (at + rank) * d)));
                at += rank;
            }
            return new SpectrumFile(shape, spectra, provenance);
        }
    }
}
