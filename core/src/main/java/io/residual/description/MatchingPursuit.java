package io.residual.description;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

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
     * The texts that make up a direction, such as a component.
     *
     * @param signal [D]
     */
    public static Description ofDirection(double[] signal, Dictionary dictionary, int count) {
        try (NativeScope scope = NativeScope.inference()) {
            return pursue(Tensors.of(signal, 1, signal.length), dictionary, count);
        }
    }

    /**
     * The texts that make up a unit's images, means subtracted. A weight is the mean absolute coefficient.
     *
     * @param images [n, D] or, with {@code basis}, their coordinates
     */
    public static Description ofImages(Tensor images, Dictionary dictionary, int count) {
        try (NativeScope scope = NativeScope.inference()) {
            Tensor x = images.to(ScalarType.Double);
            return pursue(x.sub(Ops.mean(x, 0)), dictionary, count);
        }
    }

    /** {@code x} [n, D]. */
    private static Description pursue(Tensor x, Dictionary dictionary, int count) {
        int m = dictionary.texts().size();
        int d = dictionary.width();
        Tensor texts = Tensors.of(dictionary.directions(), m, d);
        double total = x.square().sum().item_double();
        List<Description.Term> terms = new ArrayList<>();
        List<Tensor> basis = new ArrayList<>(); // the chosen texts, orthonormalised in turn; [1, D] each
        boolean[] used = new boolean[m];
        Tensor residual = x;
        while (terms.size() < Math.min(count, m) && total > 0) {
            double[] scores = Tensors.doubles(Ops.sum(residual.matmul(texts.t()).abs(), 0));
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
                for (Tensor q : basis) {
                    rest = rest.sub(rest.matmul(q.t()).mul(q));
                }
            }
            double length = rest.norm().item_double();
            if (length < REPEATS) {
                continue;
            }
            Tensor q = Ops.scale(rest, 1 / length);
            basis.add(q);
            // Least squares over all chosen texts leaves what is orthogonal to their span.
            residual = residual.sub(residual.matmul(q.t()).matmul(q));
            terms.add(new Description.Term(
                    best,
                    dictionary.texts().get(best),
                    0,
                    1 - residual.square().sum().item_double() / total));
        }
        return withWeights(terms, x, texts);
    }

    /** The chosen texts' coefficients in the final fit: for one direction as they are, for images mean absolute. */
    private static Description withWeights(List<Description.Term> terms, Tensor x, Tensor texts) {
        if (terms.isEmpty()) {
            return new Description(terms);
        }
        Tensor atoms =
                Ops.cat(terms.stream().map(t -> texts.narrow(0, t.index(), 1)).toList(), 0); // [k, D]
        Tensor gram = atoms.matmul(atoms.t());
        Tensor coefficients = org.bytedeco
                .pytorch
                .global
                .torch
                .linalg_solve(gram, atoms.matmul(x.t()))
                .t(); // [n, k]
        double[] weights =
                x.size(0) == 1 ? Tensors.doubles(coefficients) : Tensors.doubles(Ops.mean(coefficients.abs(), 0));
        List<Description.Term> weighted = new ArrayList<>();
        for (int i = 0; i < terms.size(); i++) {
            Description.Term t = terms.get(i);
            weighted.add(new Description.Term(t.index(), t.text(), weights[i], t.explained()));
        }
        return new Description(weighted);
    }
}
