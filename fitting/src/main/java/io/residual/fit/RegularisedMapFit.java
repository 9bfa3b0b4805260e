package io.residual.fit;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * RLA (Fahes et al., arXiv 2410.05270): a linear map of the embedding, W, with mean cross-entropy of the logits of W f plus λ ‖W −
 * I‖². λ = 1/N with N images a class, the published rule without validation. It stands for ProLIP, which tunes the model's last
 * projection P by the same loss: W P is another projection. The loss is minimised to its end, so that there is no learning rate to choose.
 *
 * <p>With more than {@link Labelled#BLOCK} images a step costs seconds, and the loss is far more curved along some directions than along
 * others. Then the descent begins on some of the images and goes on with all, preconditioned ({@link Curvature}).
 */
final class RegularisedMapFit {
    /** Relative improvement of a step at which the descent on some of many images ends. */
    private static final double BEGIN = 1e-3;

    /** The same with all of them; coordinates are new each time. After the last, mostly less than 1e-6 of the loss is left to gain. */
    private static final double[] UNTIL = {1e-4, 1e-6, 1e-8};

    /** Down to this improvement 32-bit floats tell steps apart, in half the time. */
    private static final double EXACT = 1e-6;

    private RegularisedMapFit() {}

    /** W [D, D]. */
    static Tensor fit(Labelled given) {
        Tensor identity = identity(given.width());
        if (given.size() <= Labelled.BLOCK) {
            return Descent.minimise(List.of(identity), terms(given)).get(0);
        }
        Labelled some = given.some(given.spread(Labelled.BLOCK));
        Tensor w = Descent.minimise(List.of(identity), terms(some), Descent.PLAIN, BEGIN)
                .get(0);
        Labelled rounded = given.rounded();
        T_TensorTensor_T second = torch.linalg_eigh(Ops.scale(given.gram(), 1.0 / given.size()), "L");
        for (double until : UNTIL) {
            Curvature curvature = Curvature.of(given, second, w);
            Labelled images = until < EXACT ? given : rounded;
            w = Descent.minimise(curvature.coordinates(w), terms(images), curvature, until)
                    .get(0);
        }
        return w;
    }

    /** The loss, block by block: the gradient of all images at once would hold several copies of their embeddings. */
    private static List<Descent.Loss> terms(Labelled given) {
        List<Descent.Loss> terms = new ArrayList<>();
        for (Labelled block : given.blocks()) {
            double share = (double) block.size() / given.size();
            terms.add(p -> Ops.scale(entropy(block, p.get(0)), share));
        }
        terms.add(p -> penalty(given, p.get(0)));
        return terms;
    }

    /** The loss. {@code w} [D, D]; gives []. */
    static Tensor loss(Labelled given, Tensor w) {
        return entropy(given, w).add(penalty(given, w));
    }

    private static Tensor entropy(Labelled given, Tensor w) {
        Tensor mapped = Ops.normalise(given.f().matmul(w.t().to(Tensors.type(given.f()))));
        return Ops.crossEntropy(mapped.matmul(given.text()), given.targets());
    }

    private static Tensor penalty(Labelled given, Tensor w) {
        Tensor moved = w.sub(identity(given.width())).square().sum();
        return Ops.scale(moved, TextProbeFit.strength(given));
    }

    private static Tensor identity(long width) {
        return torch.eye(width).to(ScalarType.Double);
    }

    /**
     * Coordinates X of W = I + V (X / l) Uᵀ in which the loss has a curvature of about 1 in every direction. Around some W its Hessian is
     * about G ⊗ S + 2λ, with S = mean f fᵀ = U s Uᵀ and G = T (mean (diag p − p pᵀ)) Tᵀ = V g Vᵀ, p an image's probabilities; so l² = g sᵀ +
     * 2λ. (Left out are that W f is scaled to unit length, and that p depends on f. Martens and Grosse, ICML 2015, arXiv 1503.05671, factor the
     * Hessian so.) Coordinates decide how fast a minimum is reached, not where it is.
     *
     * @param outer V [D, D]
     * @param inner U [D, D]
     * @param lengths l [D, D]
     */
    private record Curvature(Tensor outer, Tensor inner, Tensor lengths) implements Descent.Coordinates {
        /** Around some W. {@code second} s and U, which are the same for every W. */
        static Curvature of(Labelled given, T_TensorTensor_T second, Tensor w) {
            int c = given.classes();
            Tensor spread = torch.zeros(c, c).to(ScalarType.Double);
            for (Labelled block : given.blocks()) {
                try (NativeScope scope = NativeScope.nested()) {
                    Tensor mapped = Ops.normalise(block.f().matmul(w.t()));
                    Tensor p = mapped.matmul(block.text()).softmax(1);
                    spread.sub_(p.t().matmul(p));
                    spread.diagonal().add_(Ops.sum(p, 0));
                }
            }
            double share = 1.0 / given.size();
            Tensor text = given.text();
            T_TensorTensor_T out =
                    torch.linalg_eigh(text.matmul(Ops.scale(spread, share)).matmul(text.t()), "L");
            Tensor s = second.get0().clamp_min(new Scalar(0));
            Tensor g = out.get0().clamp_min(new Scalar(0));
            Tensor lengths = Ops.shift(g.unsqueeze(1).mul(s), 2 * TextProbeFit.strength(given))
                    .sqrt();
            return new Curvature(out.get1(), second.get1(), lengths);
        }

        /** X of some W. */
        List<Tensor> coordinates(Tensor w) {
            Tensor moved = w.sub(identity(w.size(0)));
            return List.of(outer.t().matmul(moved).matmul(inner).mul(lengths));
        }

        @Override
        public List<Tensor> at(List<Tensor> coordinates) {
            Tensor moved = outer.matmul(coordinates.get(0).div(lengths)).matmul(inner.t());
            return List.of(moved.add(identity(moved.size(0))));
        }

        @Override
        public List<Tensor> gradient(List<Tensor> byParameters) {
            return List.of(outer.t().matmul(byParameters.get(0)).matmul(inner).div(lengths));
        }
    }
}
