package io.residual.fit;

import io.residual.adapt.Cached;
import io.residual.adapt.Design;
import io.residual.adapt.Method;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The weights λ [P] of a design. For one thread at a time. */
final class SpectralProblem implements Problem {
    private final Design design;
    private final Tensor directions; // Φ [K, D]
    private final @Nullable Tensor columns; // the parameter of each column, where columns share parameters
    private final Tensor classifier;
    private final Metric metric;
    private final List<Tensor> rooms; // [K, D], for what a step computes; none where it needs none

    /**
     * The problem for some training images.
     *
     * @param classifier [D, C]
     */
    SpectralProblem(Design design, SampleSet train, Tensor classifier) {
        this.design = design;
        this.directions = design.directions();
        int[] shared = design.parameterOfColumn();
        this.columns = shared.length == 0 ? null : Tensors.indices(shared);
        this.classifier = classifier;
        this.metric = new Metric(shares(train), classifier);
        this.rooms = train.size() > directions.size(1)
                ? List.of(torch.empty_like(directions), torch.empty_like(directions))
                : List.of();
    }

    /** E‖c_k φ_k‖², or the same of all columns of a parameter together, each as a share of their sum. */
    private Tensor shares(SampleSet train) {
        double each = 1.0 / train.size();
        List<Tensor> blocks = train.map((block, from) -> Ops.scale(carried(block.coefficients()), each));
        Tensor carried = Ops.sum(Ops.stack(blocks, 0), 0);
        // A part without variance must not cause a division by zero.
        double total = Math.max(carried.sum().item_double(), Double.MIN_NORMAL);
        return Ops.scale(carried, 1 / total);
    }

    /** Σ‖c_k φ_k‖² over some images, or the same of all columns of a parameter together, [P]. {@code c} [n, K]. */
    private Tensor carried(Tensor c) {
        if (columns == null) {
            return Ops.sum(c.square(), 0)
                    .mul(Ops.sum(directions.square(), 1)); // a length of 1 for orthonormal components
        }
        // Σ over a parameter's columns i, j of c_i c_j φ_i · φ_j; the columns of one parameter stand together.
        int parameters = design.parameters();
        long width = columns.numel() / parameters;
        List<Tensor> each = new ArrayList<>();
        for (int p = 0; p < parameters; p++) {
            Tensor part = c.narrow(1, p * width, width).matmul(directions.narrow(0, p * width, width));
            each.add(part.square().sum());
        }
        return Ops.stack(each, 0);
    }

    /** Memory of the directions' size, whatever is in it. */
    private Tensor room(int which) {
        return rooms.isEmpty() ? torch.empty_like(directions) : rooms.get(which);
    }

    @Override
    public Method method() {
        return design.method();
    }

    @Override
    public List<Tensor> origin() {
        return List.of(torch.ones(design.parameters()));
    }

    @Override
    public List<Tensor> at(List<Tensor> step, double strength) {
        return List.of(Ops.shift(step.get(0).div(metric.length(strength)), 1));
    }

    @Override
    public List<Tensor> step(List<Tensor> parameters, double strength) {
        return List.of(Ops.shift(parameters.get(0), -1).mul(metric.length(strength)));
    }

    @Override
    public Tensor movement(List<Tensor> parameters) {
        return Ops.scale(Ops.shift(parameters.get(0), -1).square().sum(), metric.cost());
    }

    @Override
    public Tensor logits(Cached data, List<Tensor> parameters) {
        Tensor lambda = parameters.get(0);
        Tensor spread = columns == null ? lambda : lambda.index_select(0, columns);
        return Classifier.logits(data.features(spread, directions), classifier);
    }

    /**
     * The gradient in closed form, in two n × K × D products and little else: with ŷ = (C ⊙ λ) Φ + R of length ℓ, z = ŷ
     * T/ℓ and P = (softmax(z) − targets)/n, the gradient is Σ C ⊙ (∂ŷ Φᵀ) over images with ∂ŷ = (P Tᵀ − ŷ/ℓ Σ P ⊙ z)/ℓ. Where
     * there are more images than D, it is taken as Σ Φ ⊙ (Cᵀ ∂ŷ) over D, which needs no second n × K matrix.
     */
    @Override
    public Loss loss(SampleSet data, Tensor targets, List<Tensor> parameters) {
        Tensor lambda = parameters.get(0);
        Tensor known = lambda.detach(); // nothing below is recorded
        Tensor spread = columns == null ? known : known.index_select(0, columns); // [K]
        int n = data.size();
        boolean many = n > directions.size(1);
        // [K, D]: in the same memory each time, since fresh memory of that size costs as much as writing to it.
        Tensor weighted = many ? torch.mul_out(room(0), directions, spread.unsqueeze(1)) : directions;
        Tensor sums = many ? room(1).zero_() : torch.zeros(directions.size(0), 1); // [K, D] or [K, 1]
        List<Tensor> losses = data.map((block, from) -> {
            Tensor c = block.coefficients();
            Tensor y = (many ? c : c.mul(spread)).matmul(weighted).add(block.rest());
            Tensor labels = targets.narrow(0, from, c.size(0));
            Tensor length = Ops.sum(y.square(), 1).sqrt().unsqueeze(1); // [n, 1]
            Tensor unit = y.div(length);
            Tensor z = unit.matmul(classifier);
            Tensor picked = torch.zeros_like(z).scatter_(1, labels.unsqueeze(1), new Scalar(1));
            Tensor p = Ops.scale(z.softmax(1).sub(picked), 1.0 / n);
            Tensor towards = p.matmul(classifier.t())
                    .sub(unit.mul(Ops.sum(p.mul(z), 1).unsqueeze(1)))
                    .div(length); // ∂ŷ [n, D]
            if (many) {
                sums.addmm_(c.t(), towards);
            } else {
                sums.add_(Ops.sum(c.mul(towards.matmul(directions.t())), 0).unsqueeze(1));
            }
            return Ops.scale(Ops.crossEntropy(z, labels), (double) z.size(0) / n);
        });
        double value = losses.stream().mapToDouble(Tensor::item_double).sum();
        Tensor each = many ? Ops.sum(sums.mul_(directions), 1) : sums.squeeze(1); // [K]
        Tensor gradient = columns == null ? each : torch.zeros_like(known).index_add(0, columns, each);
        return new Loss(value, lambda.mul(gradient).sum());
    }
}
