package io.residual.adapt;

import io.residual.spectrum.Spectrum;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * ResiDual proper: Σ_i Φ_iᵀ diag(λ_i) Φ_i (u_i − ū_i), plus what becomes of the other units and of the means (Basile et
 * al. 2025, section 4). A head's coefficients are found in head coordinates, c = (Φ A)(a − ā), so its D-wide unit is
 * never formed.
 */
public final class ComponentDesign implements Design {
    /** The treatment of units that are not adapted. */
    public enum Others {
        /** Added unchanged. */
        KEPT,
        /** Left out. */
        DROPPED
    }

    /** The treatment of the means that are subtracted before the components are weighted. */
    public enum Means {
        /** They stay subtracted, as published. */
        DROPPED,
        /**
         * They are added again. With the other units kept, what the components do not span is kept too, so that λ = 1 is
         * exactly the unadapted model, however many components there are.
         */
        RESTORED
    }

    /**
     * A unit's leading components.
     *
     * @param mean ū [D]
     * @param components Φ [k, D]
     */
    public record Part(UnitId unit, int kept, float[] mean, float[] components) {
        public Part {
            if (components.length != kept * mean.length) {
                throw new IllegalArgumentException(kept + " components in " + components.length + " numbers");
            }
        }

        /** The leading {@code kept} components of a spectrum. */
        public static Part of(Spectrum spectrum, int kept) {
            int d = spectrum.mean().length;
            float[] mean = new float[d];
            float[] components = new float[kept * d];
            for (int i = 0; i < d; i++) {
                mean[i] = (float) spectrum.mean()[i];
            }
            for (int i = 0; i < components.length; i++) {
                components[i] = (float) spectrum.components()[i];
            }
            return new Part(spectrum.unit(), kept, mean, components);
        }

        /** One component [D]. */
        public double[] component(int index) {
            double[] component = new double[mean.length];
            for (int j = 0; j < component.length; j++) {
                component[j] = components[index * component.length + j];
            }
            return component;
        }
    }

    /** The part of a unit that has this component, if the adapter weighs it; null otherwise. */
    public static @Nullable Part part(Adapter adapter, UnitId unit, int component) {
        Adapter.Spectral spectral = adapter.spectral();
        return spectral != null && spectral.design() instanceof ComponentDesign design
                ? design.parts().stream()
                        .filter(p -> p.unit().equals(unit) && component >= 0 && component < p.kept())
                        .findFirst()
                        .orElse(null)
                : null;
    }

    private final Method method;
    private final UnitFrame frame;
    private final List<Part> parts;
    private final Others others;
    private final Means means;

    /** A design of these parts, in this order. */
    public ComponentDesign(Method method, UnitFrame frame, List<Part> parts, Others others, Means means) {
        this.method = method;
        this.frame = frame;
        this.parts = List.copyOf(parts);
        this.others = others;
        this.means = means;
    }

    /** ResiDual: all components of heads and MLPs, the embedding's unit as it is. */
    public static ComponentDesign residual(UnitFrame frame, List<Spectrum> spectra, Means means) {
        return new ComponentDesign(
                Method.RESIDUAL,
                frame,
                spectra.stream()
                        .filter(s -> s.unit().kind() != UnitId.Kind.EMBEDDING)
                        .map(s -> Part.of(s, s.rank()))
                        .toList(),
                Others.KEPT,
                means);
    }

    /** ResiDual*: the leading components of heads; the other units left out, as published, or kept. */
    public static ComponentDesign residualStar(
            UnitFrame frame, List<Spectrum> spectra, double variance, Others others, Means means) {
        return new ComponentDesign(
                Method.RESIDUAL_STAR,
                frame,
                spectra.stream()
                        .filter(s -> s.unit().kind() == UnitId.Kind.HEAD)
                        .map(s -> Part.of(s, s.kept(variance)))
                        .toList(),
                others,
                means);
    }

    static ComponentDesign read(AdapterSource from, Method method) {
        return new ComponentDesign(method, from.frame(), StoredParts.read(from), from.others(), from.means());
    }

    @Override
    public void store(StoredAdapter to) {
        StoredParts.store(parts, frame.shape(), to.others(others).means(means));
    }

    @Override
    public Method method() {
        return method;
    }

    /** The adapted units with their components. */
    public List<Part> parts() {
        return parts;
    }

    /** The treatment of the other units. */
    public Others others() {
        return others;
    }

    /** The treatment of the means. */
    public Means means() {
        return means;
    }

    @Override
    public int parameters() {
        return parts.stream().mapToInt(Part::kept).sum();
    }

    @Override
    public int[] parameterOfColumn() {
        return new int[0];
    }

    @Override
    public Tensor directions() {
        int d = frame.shape().sharedWidth();
        return Ops.cat(
                parts.stream().map(p -> Tensors.of(p.components, p.kept, d)).toList(), 0);
    }

    @Override
    public Cached cache(TraceBlock block) {
        List<Tensor> units = block.coordinates(parts.stream().map(Part::unit).toList());
        Tensor coefficients = Ops.cat(
                IntStream.range(0, units.size())
                        .mapToObj(i -> coefficients(parts.get(i), units.get(i)))
                        .toList(),
                1);
        if (others == Others.KEPT && means == Means.RESTORED) {
            // What the components leave of the model's own output: so λ = 1 gives that output, not a sum that rounds.
            return new Cached(coefficients, block.outputs().sub(coefficients.matmul(directions())));
        }
        Tensor rest = torch.zeros(block.size(), frame.shape().sharedWidth());
        if (others == Others.KEPT) {
            Set<UnitId> adapted = new HashSet<>();
            parts.forEach(p -> adapted.add(p.unit));
            for (UnitId unit : frame.shape().ids()) {
                rest = adapted.contains(unit) ? rest : rest.add(block.unit(frame, unit));
            }
        }
        if (means == Means.RESTORED) {
            for (Part part : parts) {
                rest = rest.add(Tensors.of(part.mean, 1, part.mean.length));
            }
        }
        return new Cached(coefficients, rest);
    }

    /**
     * With the other units kept, ŷ is the output plus what changes of the adapted units: Φᵀ diag(λ − 1) Φ (u − ū) where means
     * are restored, Φᵀ diag(λ) Φ (u − ū) − u where they are not; else it is made of the adapted units alone.
     */
    @Override
    public void fold(Folding folding, float... lambdas) {
        int d = frame.shape().sharedWidth();
        boolean change = others == Others.KEPT && means == Means.RESTORED;
        if (others == Others.KEPT) {
            folding.output(Folding.identity(d));
        }
        int from = 0;
        for (Part part : parts) {
            Tensor phi = Tensors.of(part.components, part.kept, d).to(ScalarType.Double); // [k, D]
            Tensor lambda = Tensors.ofRange(lambdas, from, part.kept).to(ScalarType.Double);
            Tensor left = phi.t().mul(change ? Ops.shift(lambda, -1) : lambda); // [D, k]
            Tensor mean = Tensors.of(part.mean, d, 1).to(ScalarType.Double);
            folding.unit(part.unit, left, phi);
            folding.constant(Ops.scale(left.matmul(phi.matmul(mean)), -1));
            if (others == Others.KEPT && means == Means.DROPPED) {
                folding.unit(part.unit, Ops.scale(Folding.identity(d), -1), Folding.identity(d));
            }
            if (others == Others.DROPPED && means == Means.RESTORED) {
                folding.constant(mean);
            }
            from += part.kept;
        }
    }

    /** c = Φ (u − ū) of a unit, [n, k]; for a head (Φ A)(a − ā), without forming u. */
    private Tensor coefficients(Part part, Tensor a) { // a [n, m]
        int d = frame.shape().sharedWidth();
        Tensor mean = Tensors.of(part.mean, d, 1);
        Tensor phi = Tensors.of(part.components, part.kept, d); // [k, D]
        if (!frame.shape().mapped(part.unit)) {
            return a.sub(mean.t()).matmul(phi.t());
        }
        Tensor map = frame.map(part.unit); // [D, h + 3]
        long m = a.size(1);
        Tensor offset = phi.matmul(map.narrow(1, m, 1).sub(mean)); // Φ (A's constant − ū), [k, 1]
        return Ops.linear(a, phi.matmul(map.narrow(1, 0, m)), offset.squeeze(1));
    }
}
