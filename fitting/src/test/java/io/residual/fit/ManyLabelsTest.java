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
    void rla_endsAtTheLeastLossOfAll() {
        try (NativeScope scope = NativeScope.inference()) {
            Labelled given = given();
            Tensor start = torch.eye(D).to(ScalarType.Double);
            Tensor whole = Descent.minimise(List.of(start), p -> RegularisedMapFit.loss(given, p.get(0)))
                    .get(0);
            double least = RegularisedMapFit.loss(given, whole).item_double();
            double found =
                    RegularisedMapFit.loss(given, RegularisedMapFit.fit(given)).item_double();
            // Descents end when a step gains less than 1e-11 of the loss; rounding decides at which.
            assertEquals(least, found, 1e-6 * least);
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
