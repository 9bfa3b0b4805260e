package io.residual.description;

import io.residual.spectrum.UnitStatistics;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.UnitFrame;
import io.residual.units.UnitPoints;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Orthogonal matching pursuit: of one direction (Pati, Rezaiifar, Krishnaprasad 1993) or of all images at once (Tropp,
 * Gilbert, Strauss 2006). Again and again the text that points most along what is left is chosen, and all chosen texts
 * are fitted anew by least squares.
 */
public final class MatchingPursuit {
    /** A text whose part outside the chosen ones is shorter adds nothing but rounding: it repeats them. */
    private static final double REPEATS = 1e-7;

    private MatchingPursuit() {}

    /**
     * Describes a direction, such as a component, as a sparse combination of texts.
     *
     * @param signal the direction, [D]
     * @param statistics statistics of the unit whose variance the description explains
     */
    public static Description ofDirection(
            double[] signal, UnitStatistics statistics, UnitFrame frame, Dictionary dictionary, int count) {
        try (NativeScope scope = NativeScope.inference();
                TextMatrix matrix = new TextMatrix(dictionary)) {
            return ofDirection(new UnitTexts(statistics, frame, matrix), signal, count);
        }
    }

    /** The texts that make up a unit's images, means subtracted. A weight is the mean absolute coefficient. */
    public static Description ofImages(UnitPoints points, UnitFrame frame, Dictionary dictionary, int count) {
        try (NativeScope scope = NativeScope.inference();
                TextMatrix matrix = new TextMatrix(dictionary)) {
            UnitStatistics statistics = UnitStatistics.of(points.unit(), points.coordinates());
            return ofImages(new UnitTexts(statistics, frame, matrix), points, count);
        }
    }

    static Description ofDirection(UnitTexts unit, double[] signal, int count) {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor one = Tensors.of(new double[] {1}, 1, 1);
            Tensor basis = Tensors.of(signal, 1, signal.length);
            Tensor seen = basis.matmul(unit.matrix().texts().t());
            return new Pursuit(unit, one, basis, seen).run(count);
        }
    }

    static Description ofImages(UnitTexts unit, UnitPoints points, int count) {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor a = points.coordinates().to(ScalarType.Double);
            Tensor centred = a.sub(Ops.mean(a, 0)); // [n, m]
            Tensor varying = unit.frame().varying(points.unit());
            Tensor within = unit.span().within(); // Q
            if (within != null) {
                centred = centred.matmul(varying == null ? within : varying.t().matmul(within)); // [n, k]
            } else if (varying != null) {
                centred = centred.matmul(varying.t());
            }
            Tensor basis = within == null ? null : within.t();
            return new Pursuit(unit, centred, basis, unit.texts().t().clone()).run(count);
        }
    }

    /**
     * The search for the texts of signals X = C B, which are never formed: what is left of them is C times what is left
     * of B. What is left of B is orthogonal to the chosen texts, so along the next direction, which is so too, it is B itself.
     */
    private static final class Pursuit {
        private static final int ROWS = 1024;

        private final UnitTexts unit;
        private final Dictionary dictionary;
        private final Tensor texts; // T [M, D]
        private final Tensor coordinates; // C [n, m]
        private final @Nullable Tensor basis; // B [m, D]; null for the identity
        private final Tensor gram; // Cᵀ C [m, m]
        private final Tensor seen; // what is left of B, times Tᵀ: [m, M]

        /** {@code seen} is overwritten. */
        Pursuit(UnitTexts unit, Tensor coordinates, @Nullable Tensor basis, Tensor seen) {
            this.unit = unit;
            this.dictionary = unit.matrix().dictionary();
            this.texts = unit.matrix().texts();
            this.coordinates = coordinates;
            this.basis = basis;
            this.gram = coordinates.t().matmul(coordinates);
            this.seen = seen;
        }

        Description run(int count) {
            int m = dictionary.texts().size();
            Tensor scatter = unit.span().scatter();
            Tensor whole = seen.clone();
            double total = basis == null
                    ? gram.trace().item_double()
                    : basis.matmul(basis.t()).mul(gram).sum().item_double(); // ‖C B‖² = tr(Cᵀ C B Bᵀ)
            double variance = scatter.trace().item_double();
            List<Description.Term> terms = new ArrayList<>();
            List<Tensor> chosen = new ArrayList<>(); // orthonormalised in turn; [1, D] each
            List<Tensor> reached = new ArrayList<>(); // how far each text points along those; [M, 1] each
            boolean[] used = new boolean[m];
            double energy = total;
            double unitEnergy = variance;
            while (terms.size() < Math.min(count, m) && total > 0) {
                double[] scores = scores();
                int best = -1;
                for (int j = 0; j < m; j++) {
                    best = !used[j] && (best < 0 || scores[j] > scores[best]) ? j : best;
                }
                if (best < 0 || !(scores[best] > 0)) {
                    break;
                }
                used[best] = true;
                Tensor rest = texts.narrow(0, best, 1).clone();
                Tensor reach = unit.matrix().along(best).clone();
                for (int pass = 0; pass < 2; pass++) { // twice is enough for orthogonality to rounding
                    for (int k = 0; k < chosen.size(); k++) {
                        Tensor share = rest.matmul(chosen.get(k).t());
                        rest.sub_(share.mul(chosen.get(k)));
                        reach.sub_(share.mul(reached.get(k)));
                    }
                }
                double length = rest.norm().item_double();
                if (length < REPEATS) {
                    continue;
                }
                Tensor q = Ops.scale(rest, 1 / length);
                chosen.add(q);
                reached.add(Ops.scale(reach, 1 / length));
                // Least squares over all chosen texts leaves what is orthogonal to their span.
                Tensor along = basis == null ? q.t() : basis.matmul(q.t()); // [m, 1]
                Tensor within = unit.span().within();
                energy -= energy(gram, along);
                unitEnergy -=
                        energy(scatter, within == null ? q.t() : within.t().matmul(q.t()));
                seen.sub_(along.matmul(reached.get(reached.size() - 1).t()));
                terms.add(new Description.Term(
                        best,
                        dictionary.texts().get(best),
                        0,
                        1 - energy / total,
                        variance > 0 ? 1 - unitEnergy / variance : 0));
            }
            return withWeights(terms, whole);
        }

        /** aᵀ G a. {@code along} [m, 1]. */
        private static double energy(Tensor gram, Tensor along) {
            return gram.matmul(along).mul(along).sum().item_double();
        }

        /** Σ over signals of |what is left of the signal · text|, for each text. */
        private double[] scores() {
            double[] scores = new double[dictionary.texts().size()];
            long n = coordinates.size(0);
            for (long from = 0; from < n; from += ROWS) {
                try (NativeScope scope = NativeScope.inference()) {
                    Tensor rows = coordinates.narrow(0, from, Math.min(ROWS, n - from));
                    double[] part = Tensors.doubles(Ops.sum(rows.matmul(seen).abs(), 0));
                    for (int j = 0; j < scores.length; j++) {
                        scores[j] += part[j];
                    }
                }
            }
            return scores;
        }

        /**
         * The chosen texts' coefficients in the final fit: for one direction as they are, for images mean absolute. {@code whole} [m, M]
         * is B Tᵀ.
         */
        private Description withWeights(List<Description.Term> terms, Tensor whole) {
            if (terms.isEmpty()) {
                return new Description(terms);
            }
            Tensor atoms = Ops.cat(
                    terms.stream().map(t -> texts.narrow(0, t.index(), 1)).toList(), 0); // [k, D]
            Tensor products = Ops.cat(
                    terms.stream().map(t -> whole.narrow(1, t.index(), 1)).toList(), 1); // [m, k]
            Tensor fit = torch.linalg_solve(atoms.matmul(atoms.t()), products.t()); // [k, m]
            Tensor coefficients = coordinates.matmul(fit.t()); // [n, k]
            double[] weights = coordinates.size(0) == 1
                    ? Tensors.doubles(coefficients)
                    : Tensors.doubles(Ops.mean(coefficients.abs(), 0));
            List<Description.Term> weighted = new ArrayList<>();
            for (int i = 0; i < terms.size(); i++) {
                Description.Term t = terms.get(i);
                weighted.add(new Description.Term(t.index(), t.text(), weights[i], t.explained(), t.variance()));
            }
            return new Description(weighted);
        }
    }
}
