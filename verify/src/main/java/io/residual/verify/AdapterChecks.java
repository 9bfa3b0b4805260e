package io.residual.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.adapt.ComponentDesign.Part;
import io.residual.adapt.Design;
import io.residual.adapt.HeadScaleDesign;
import io.residual.adapt.Method;
import io.residual.adapt.OutputDesign;
import io.residual.fit.Objective;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** Adapters with given λ: components, embeddings, loss, gradient, accuracy. */
final class AdapterChecks {
    /** A design and, for each of its parameters, where its λ stands in the kit. */
    private record Lambdas(Design design, int[] position) {}

    private final Fixture fixture;
    private final Found found;

    AdapterChecks(Fixture fixture, Found found) {
        this.fixture = fixture;
        this.found = found;
    }

    void adapters(List<Spectrum> spectra, TraceBlock a, TraceBlock b, Classifier classifier) {
        UnitShape shape = a.shape();
        List<Spectrum> heads = spectra.subList(1, 1 + shape.allHeads());
        adapter("residual_star", part(heads, "residual_star", Method.RESIDUAL_STAR, Others.DROPPED), b, classifier);
        layout("residual_star", heads, s -> s.kept(.9));
        List<Spectrum> adapted = spectra.subList(1, shape.units());
        int possible = Math.min(a.size(), shape.sharedWidth());
        layout("residual_full", adapted, s -> possible);
        Lambdas full = part(adapted, "residual_full", Method.RESIDUAL, Others.KEPT);
        adapter("residual_full", completed("residual_full", full, adapted, b), b, classifier);
        adapter(
                "coarse",
                new Lambdas(new HeadScaleDesign(fixture.frame(), Others.DROPPED), identity(shape.allHeads())),
                b,
                classifier);
        Spectrum output = Pca.ofOutput(fixture.asTrace(a));
        Lambdas spectral = new Lambdas(OutputDesign.of(output, Means.DROPPED), identity(output.rank()));
        adapter("output_spectral", completed("output_spectral", spectral, List.of(output), b), b, classifier);
    }

    /**
     * A unit of more dimensions than images less one has a component in the fixture that no image of set a varies along: which
     * direction it took there was up to rounding, but images of set b vary along it. Such directions are found from what the
     * fixture has made of set b with them, which determines them many times over, and everything is compared with them.
     */
    private Lambdas completed(String name, Lambdas known, List<Spectrum> spectra, TraceBlock b) {
        float[] all = fixture.floats(name + ".lambdas");
        int d = b.shape().sharedWidth();
        boolean output = known.design instanceof OutputDesign;
        List<FreeDirections.Unit> free = new ArrayList<>();
        List<Part> parts = new ArrayList<>();
        List<Integer> positions = new ArrayList<>();
        int at = 0;
        try (NativeScope scope = NativeScope.inference()) {
            for (int i = 0; i < spectra.size(); i++) {
                Spectrum s = spectra.get(i);
                int counted = output
                        ? all.length
                        : fixture.json().path(name).path("components").path(i).intValue();
                parts.add(Part.of(s, Math.min(s.rank(), counted)));
                boolean open = s.rank() == s.count() - 1 && s.rank() < d && counted == s.rank() + 1;
                if (open && at + s.rank() < all.length) {
                    Tensor unit = output ? b.outputs() : b.unit(fixture.frame(), s.unit());
                    free.add(FreeDirections.Unit.of(i, s, all[at + s.rank()], unit));
                }
                int last = Math.min(counted, s.rank() + (open ? 1 : 0));
                for (int k = 0; k < last; k++) {
                    positions.add(at + k);
                }
                at += counted;
            }
            if (free.isEmpty() || positions.get(positions.size() - 1) >= all.length) {
                return known;
            }
            Tensor now = new Adapter.Spectral(known.design, at(known.position, all)).features(b);
            float[] want = fixture.floats(name + ".image_features");
            if (want.length != now.numel()) {
                return known;
            }
            Tensor missing = Tensors.of(want, now.size(0), d).sub(now);
            List<float[]> directions = FreeDirections.solve(free, missing);
            for (int i = 0; i < free.size(); i++) {
                int place = free.get(i).place();
                Part part = parts.get(place);
                float[] components = Arrays.copyOf(part.components(), part.components().length + d);
                System.arraycopy(directions.get(i), 0, components, part.components().length, d);
                parts.set(place, new Part(part.unit(), part.kept() + 1, part.mean(), components));
            }
        }
        Design design = output
                ? new OutputDesign(parts.get(0), Means.DROPPED)
                : new ComponentDesign(Method.RESIDUAL, fixture.frame(), parts, Others.KEPT, Means.DROPPED);
        return new Lambdas(
                design, positions.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Which units the kit adapts, with how many components each and altogether. */
    private void layout(String name, List<Spectrum> spectra, ToIntFunction<Spectrum> components) {
        JsonNode want = fixture.json().path(name);
        int wrong = Math.abs(want.path("units").size() - spectra.size())
                + Math.abs(want.path("components").size() - spectra.size());
        int total = 0;
        for (int i = 0; i < spectra.size(); i++) {
            int kept = components.applyAsInt(spectra.get(i));
            total += kept;
            wrong += want.path("units").path(i).asDouble(-1) == 1 + i ? 0 : 1;
            wrong += want.path("components").path(i).asDouble(-1) == kept ? 0 : 1;
        }
        wrong += want.path("parameters").asDouble(-1) == total ? 0 : 1;
        found.add(new Check(name + " components", wrong, Tolerance.EXACT, "counts that differ"));
    }

    /**
     * The kit counts min(n, D) components a unit. Those without variance have coefficients of zero where the unit has no more
     * dimensions than images, so they change neither output nor gradient and are left out here.
     */
    private Lambdas part(List<Spectrum> spectra, String name, Method method, Others others) {
        JsonNode counts = fixture.json().path(name).path("components");
        List<Part> parts = new ArrayList<>();
        List<Integer> positions = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < spectra.size(); i++) {
            Spectrum s = spectra.get(i);
            int kept = Math.min(s.rank(), counts.path(i).intValue());
            parts.add(Part.of(s, kept));
            for (int k = 0; k < kept; k++) {
                positions.add(at + k);
            }
            at += counts.path(i).intValue();
        }
        return new Lambdas(
                new ComponentDesign(method, fixture.frame(), parts, others, Means.DROPPED),
                positions.stream().mapToInt(Integer::intValue).toArray());
    }

    private void adapter(String name, Lambdas lambdas, TraceBlock b, Classifier classifier) {
        float[] all = fixture.floats(name + ".lambdas");
        float[] wantGradient = fixture.floats(name + ".gradient");
        if (Arrays.stream(lambdas.position).anyMatch(k -> k >= all.length)) {
            found.add(new Check(name + ".lambdas", Double.NaN, Tolerance.EXACT, "fewer than the kit's components"));
            return;
        }
        float[] mine = at(lambdas.position, all);
        // A component's sign is free, and so is the basis within equal eigenvalues; λ belongs to the component, so
        // outputs and gradients do not depend on signs.
        Adapter adapter = new Adapter.Spectral(lambdas.design, mine);
        try (NativeScope scope = NativeScope.inference()) {
            found.values(name + ".image_features", Tensors.floats(adapter.features(b)));
        }
        Objective.Value value = Objective.at(lambdas.design, mine, b, classifier);
        double wantLoss = fixture.json().path(name).path("loss").doubleValue();
        found.add(new Check(name + " loss", Math.abs(value.loss() / wantLoss - 1), Tolerance.VALUES, "relative"));
        float[] gradient = new float[all.length];
        for (int i = 0; i < mine.length; i++) {
            gradient[lambdas.position[i]] = value.gradient()[i];
        }
        found.relative(name + ".gradient", gradient, wantGradient, Tolerance.GRADIENTS);
        found.accuracy(name + " accuracy", fixture.json().path(name).path("accuracy"), adapter, classifier, b);
    }

    private static float[] at(int[] places, float... all) {
        float[] some = new float[places.length];
        for (int i = 0; i < some.length; i++) {
            some[i] = all[places[i]];
        }
        return some;
    }

    private static int[] identity(int n) {
        return IntStream.range(0, n).toArray();
    }
}
