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
        try (NativeScope scope = NativeScope.inference()) {
            Tensor one = Tensors.of(new double[] {1}, 1, 1);
            Pursuit pursuit = new Pursuit(one, Tensors.of(signal, 1, signal.length), dictionary);
            Tensor basis = basis(frame.varying(statistics.unit()), statistics.mean().length);
            int m = statistics.mean().length;
            return pursuit.run(count, Tensors.of(statistics.scatter(), m, m), basis);
        }
    }

    /** The texts that make up a unit's images, means subtracted. A weight is the mean absolute coefficient. */
    public static Description ofImages(UnitPoints points, UnitFrame frame, Dictionary dictionary, int count) {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor a = points.coordinates().to(ScalarType.Double);
            Tensor centred = a.sub(Ops.mean(a, 0)); // [n, m]
            Tensor basis = basis(frame.varying(points.unit()), points.width());
            Pursuit pursuit = new Pursuit(centred, basis, dictionary);
            return pursuit.run(count, pursuit.gram, basis);
        }
    }

    /** What a unit's coordinates stand for, [m, D]. */
    private static Tensor basis(@Nullable Tensor varying, int width) {
        return varying == null ? torch.eye(width).to(ScalarType.Double) : varying.t();
    }

    /**
     * The search for the texts of signals X = C B, which are never formed: what is left of them is C times what is left
     * of B.
     */
    private static final class Pursuit {
        private static final int ROWS = 1024;

        private final Tensor coordinates; // C [n, m]
        private final Tensor basis; // B [m, D]
        private final Tensor gram; // Cᵀ C [m, m]
        private final Dictionary dictionary;
        private final Tensor texts; // [M, D]

        Pursuit(Tensor coordinates, Tensor basis, Dictionary dictionary) {
            this.coordinates = coordinates;
            this.basis = basis;
            this.gram = coordinates.t().matmul(coordinates);
            this.dictionary = dictionary;
            this.texts = Tensors.of(dictionary.directions(), dictionary.texts().size(), dictionary.width());
        }

        /**
         * @param scatter of the unit's coordinates, [m', m'], and
         * @param unit what these stand for, [m', D]: the variance that is to be explained
         */
        Description run(int count, Tensor scatter, Tensor unit) {
            int m = dictionary.texts().size();
            double total = energy(gram, basis);
            double variance = energy(scatter, unit);
            List<Description.Term> terms = new ArrayList<>();
            List<Tensor> chosen = new ArrayList<>(); // orthonormalised in turn; [1, D] each
            boolean[] used = new boolean[m];
            Tensor left = basis;
            Tensor unitLeft = unit;
            Tensor seen = left.matmul(texts.t()); // [m, M]
            double energy = total;
            double unitEnergy = variance;
            while (terms.size() < Math.min(count, m) && total > 0) {
                double[] scores = scores(seen);
                int best = -1;
                for (int j = 0; j < m; j++) {
                    best = !used[j] && (best < 0 || scores[j] > scores[best]) ? j : best;
                }
                if (best < 0 || !(scores[best] > 0)) {
                    break;
                }
                used[best] = true;
                Tensor rest = texts.narrow(0, best, 1);
                for (int pass = 0; pass < 2; pass++) { // twice is enough for orthogonality to rounding
                    for (Tensor q : chosen) {
                        rest = rest.sub(rest.matmul(q.t()).mul(q));
                    }
                }
                double length = rest.norm().item_double();
                if (length < REPEATS) {
                    continue;
                }
                Tensor q = Ops.scale(rest, 1 / length);
                chosen.add(q);
                // Least squares over all chosen texts leaves what is orthogonal to their span.
                Tensor along = left.matmul(q.t()); // [m, 1]
                Tensor unitAlong = unitLeft.matmul(q.t());
                energy -= energy(gram, along);
                unitEnergy -= energy(scatter, unitAlong);
                seen = seen.sub(along.matmul(q.matmul(texts.t())));
                left = left.sub(along.matmul(q));
                unitLeft = unitLeft.sub(unitAlong.matmul(q));
                terms.add(new Description.Term(
                        best,
                        dictionary.texts().get(best),
                        0,
                        1 - energy / total,
                        variance > 0 ? 1 - unitEnergy / variance : 0));
            }
            return withWeights(terms);
        }

        /** ‖C B‖² = tr(Bᵀ Cᵀ C B). */
        private static double energy(Tensor gram, Tensor basis) {
            return gram.matmul(basis).mul(basis).sum().item_double();
        }

        /** Σ over signals of |what is left of the signal · text|, for each text. */
        private double[] scores(Tensor seen) {
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

        /** The chosen texts' coefficients in the final fit: for one direction as they are, for images mean absolute. */
        private Description withWeights(List<Description.Term> terms) {
            if (terms.isEmpty()) {
                return new Description(terms);
            }
            Tensor atoms = Ops.cat(
                    terms.stream().map(t -> texts.narrow(0, t.index(), 1)).toList(), 0); // [k, D]
            Tensor fit = torch.linalg_solve(atoms.matmul(atoms.t()), atoms.matmul(basis.t())); // [k, m]
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
