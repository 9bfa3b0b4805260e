package io.residual.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.adapt.KernelVotes;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** Sums over more images than a block has are those of all images at once. */
class ManyLabelsTest {
    private static final int N = Labelled.BLOCK + 300;
    private static final int D = 5;
    private static final int C = 3;

    /** Images about their classes' directions, in this scope's native memory. */
    private static Labelled given() {
        Random random = new Random(4);
        double[] text = new double[D * C];
        Arrays.setAll(text, i -> random.nextGaussian());
        double[] x = new double[N * D];
        int[] labels = new int[N];
        for (int i = 0; i < N; i++) {
            labels[i] = random.nextInt(C);
            for (int j = 0; j < D; j++) {
                x[i * D + j] = .4 * text[j * C + labels[i]] + random.nextGaussian();
            }
        }
        Tensor t = Ops.scale(Ops.normalise(Tensors.of(text, D, C).t()).t(), 10);
        return new Labelled(Labelled.unit(Tensors.of(x, N, D)), labels, t);
    }

    @Test
    void blocks_areAllImages_inOrder() {
        try (NativeScope scope = NativeScope.inference()) {
            Labelled given = given();
            List<Labelled> blocks = given.blocks();
            assertEquals(2, blocks.size());
            Tensor joined = Ops.cat(blocks.stream().map(Labelled::f).toList(), 0);
            assertArrayEquals(Tensors.doubles(given.f()), Tensors.doubles(joined));
            assertArrayEquals(
                    given.labels(),
                    blocks.stream().flatMapToInt(b -> Arrays.stream(b.labels())).toArray());
            assertFalse(given.allTheSame());
            Tensor equal = given.f().narrow(0, 0, 1).expand(new long[] {N, D}, false);
            assertTrue(new Labelled(equal, given.labels(), given.text()).allTheSame());
        }
    }

    @Test
    void gda_isThatOfTheFormula() {
        try (NativeScope scope = NativeScope.inference()) {
            Labelled given = given();
            Tensor means = given.means();
            Tensor r = given.f().sub(means.index_select(0, given.targets()));
            Tensor scatter = r.t().matmul(r);
            double trace = scatter.trace().item_double() / (N - 1);
            Tensor inverse = torch.linalg_inv(scatter.add(Ops.scale(torch.eye(D).to(ScalarType.Double), trace)));
            Tensor weight = Ops.scale(inverse.matmul(means.t()), D);
            // 64-bit sums in another order.
            assertArrayEquals(
                    Tensors.doubles(weight),
                    Tensors.doubles(GaussianFit.fit(given).weight()),
                    1e-12);
        }
    }

    @Test
    void rla_endsAtAMinimumOfTheLossOfAll() {
        try (NativeScope scope = NativeScope.inference()) {
            Labelled given = given();
            Tensor w = RegularisedMapFit.fit(given);
            double found = RegularisedMapFit.loss(given, w).item_double();
            // A descent whose steps gain less than 1e-8 in the end leaves some 1e-7.
            assertEquals(descended(given, w), found, 1e-6 * found);
            // W f is scaled to unit length, so the loss has more than one minimum; the ways there differ, and here the
            // minima by 1.1e-4.
            Tensor start = torch.eye(D).to(ScalarType.Double);
            assertEquals(descended(given, start), found, 1e-3 * found);
        }
    }

    /** The loss after a descent in plain coordinates, with all images at once. */
    private static double descended(Labelled given, Tensor from) {
        Tensor w = Descent.minimise(List.of(from), p -> RegularisedMapFit.loss(given, p.get(0)))
                .get(0);
        return RegularisedMapFit.loss(given, w).item_double();
    }

    /** The formulas with all images at once. */
    @Test
    void lpPlusPlus_isThatOfTheFormula() {
        try (NativeScope scope = NativeScope.inference()) {
            Labelled given = given();
            Tensor f = given.f();
            Tensor hot = given.oneHot();
            Tensor t = given.directions();
            Tensor text = f.matmul(t);
            double gram = torch.linalg_eigvalsh(f.t().matmul(f), "L").max().item_double();
            double columns = Ops.sum(text.square(), 0).max().item_double();
            Tensor w = f.t().matmul(hot);
            Tensor alpha = Ops.scale(
                    torch.ones(C).to(ScalarType.Double),
                    250 * text.mul(hot).sum().item_double() / N);
            Tensor velocity = torch.zeros_like(w);
            for (int step = 1; step <= 300; step++) {
                Tensor error = f.matmul(w).add(text.mul(alpha)).softmax(1).sub(hot); // n times the gradient by logits
                velocity = Ops.scale(velocity, .9).add(Ops.scale(f.t().matmul(error), 1.0 / N));
                w = w.sub(Ops.scale(velocity, 4 * N / gram));
                if (step % 10 == 0) {
                    alpha = alpha.sub(Ops.scale(Ops.sum(error.mul(text), 0), 1 / (4 * columns)));
                }
            }
            // 64-bit sums in another order, over 300 steps.
            assertArrayEquals(
                    Tensors.doubles(w.add(t.mul(alpha))), Tensors.doubles(TextProbeFit.lpPlusPlus(given)), 1e-7);
        }
    }

    /** Votes v = (K_ms K_sm + λ K_mm)⁻¹ K_ms (Y − z). Images of five numbers are nearly dependent, so that much of K_mm is rounding. */
    @Test
    void kernelRidge_sumsWhatTheStoredImagesStandFor() {
        try (NativeScope scope = NativeScope.inference()) {
            Labelled given = given();
            double beta = .7;
            double strength = 30;
            KernelVotes votes = KernelRidgeFit.votes(given, beta, strength);
            assertEquals(KernelRidgeFit.STORED, votes.stored());
            Tensor keys = Tensors.of(votes.keys(), votes.stored(), D).to(ScalarType.Double);
            Tensor across =
                    Ops.scale(Ops.shift(given.f().matmul(keys.t()), -1), beta).exp();
            Tensor square =
                    Ops.scale(Ops.shift(keys.matmul(keys.t()), -1), beta).exp();
            Tensor left = across.t().matmul(KernelRidgeFit.residual(given, given.counts()));
            Tensor expected = Tensors.of(votes.votes(), votes.stored(), C).to(ScalarType.Double);
            // What the votes say of the images, of which many votes give the same: A Aᵀ v + λ K v = A left.
            Tensor system = across.t().matmul(across).add(Ops.scale(square, strength));
            Tensor found = system.matmul(expected.div(given.scales()));
            double largest = Ops.maxAbs(left);
            assertEquals(0, Ops.maxAbs(found.sub(left)) / largest, 1e-2);
        }
    }
}
