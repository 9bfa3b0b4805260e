package io.residual.verify;

import io.residual.spectrum.Spectrum;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Directions φ_i of units that a fixture's own set of images leaves open, from what they add to other images' embeddings:
 *
 * <pre>missing_n = Σ_i λ_i (d_ni · w_i) B_i w_i,   φ_i = B_i w_i,  |w_i| = 1,</pre>
 *
 * <p>B_i a basis of what unit i's components leave, d_ni image n along it. These are many more equations than unknowns; solved by
 * Levenberg's and Marquardt's method, whose normal equations need only the products of the bases and of the images along them.
 */
final class FreeDirections {
    private static final int STEPS = 800;
    private static final int SPAN = 25; // steps in which a solution must come closer by a hundredth
    private static final double EXPLAINED = 1e-8; // of the sum of squares, what may be left: rounding of 32 bits
    private static final int MOST = 1500; // unknowns

    private FreeDirections() {}

    /**
     * A unit with an open direction.
     *
     * @param place where the unit stands
     * @param lambda λ
     * @param along d [n, m]
     * @param basis B [D, m], orthonormal columns
     */
    record Unit(int place, double lambda, Tensor along, Tensor basis) {
        /** {@code values} [n, D], the unit on the images that the direction is found from. */
        static Unit of(int place, Spectrum spectrum, double lambda, Tensor values) {
            int d = spectrum.mean().length;
            Tensor phi = Tensors.of(spectrum.components(), spectrum.rank(), d);
            Tensor left = torch.eye(d).to(ScalarType.Double).sub(phi.t().matmul(phi));
            int m = d - spectrum.rank();
            Tensor basis = torch.linalg_eigh(left, "L").get1().narrow(1, d - m, m); // eigenvalues of 1 stand last
            Tensor centred = values.to(ScalarType.Double).sub(Tensors.of(spectrum.mean(), 1, d));
            return new Unit(place, lambda, centred.matmul(basis), basis);
        }
    }

    /** The directions, in the units' order; those closest to explaining {@code missing} [n, D] that are found. */
    static List<float[]> solve(List<Unit> units, Tensor missing) {
        Problem problem = new Problem(units, missing.to(ScalarType.Double));
        Tensor w = problem.unknowns() > MOST ? problem.start() : problem.minimise(problem.start());
        double[] all = Tensors.doubles(w);
        List<float[]> directions = new ArrayList<>();
        for (int i = 0; i < units.size(); i++) {
            Tensor own = Tensors.of(Arrays.copyOfRange(all, i * problem.m, (i + 1) * problem.m), problem.m, 1);
            directions.add(Tensors.floats(units.get(i).basis.matmul(own)));
        }
        return directions;
    }

    /** The sum of squares of what is left, and of |w_i|² − 1; w [F·m, 1], unit by unit. */
    private static final class Problem {
        private final int m;
        private final int count; // F
        private final Tensor lambda; // [F, 1]
        private final Tensor signs; // λ_i λ_j [F, F]
        private final Tensor blocks; // 1 where a number of w belongs to a unit [F·m, F]
        private final Tensor images; // d_iᵀ d_j [F·m, F·m]
        private final Tensor bases; // B_iᵀ B_j [F·m, F·m]
        private final Tensor target; // d_iᵀ missing B_i, others 0 [F·m, F·m]
        private final double whole; // |missing|²
        private final double weight;

        Problem(List<Unit> units, Tensor missing) {
            m = Math.toIntExact(units.get(0).along.size(1));
            count = units.size();
            double[] factors = units.stream().mapToDouble(Unit::lambda).toArray();
            lambda = Tensors.of(factors, count, 1);
            signs = lambda.matmul(lambda.t());
            blocks = torch.eye(count)
                    .to(ScalarType.Double)
                    .repeat_interleave(
                            m, new org.bytedeco.pytorch.LongOptional(0), new org.bytedeco.pytorch.LongOptional());
            Tensor along = Ops.cat(units.stream().map(Unit::along).toList(), 1); // [n, F·m]
            Tensor all = Ops.cat(units.stream().map(Unit::basis).toList(), 1); // [D, F·m]
            images = along.t().matmul(along);
            bases = all.t().matmul(all);
            target = along.t().matmul(missing).matmul(all).mul(blocks.matmul(blocks.t()));
            whole = missing.square().sum().item_double();
            weight = whole / count;
        }

        int unknowns() {
            return m * count;
        }

        /** For each unit the direction that alone explains most, images weighed by how they vary. */
        Tensor start() {
            List<Tensor> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Tensor square = images.narrow(0, (long) i * m, m).narrow(1, (long) i * m, m);
                Tensor both = target.narrow(0, (long) i * m, m).narrow(1, (long) i * m, m);
                double ridge = 1e-3 * square.trace().item_double() / m;
                Tensor regular = square.add(Ops.scale(torch.eye(m).to(ScalarType.Double), ridge));
                Tensor solved = torch.linalg_solve(regular, both);
                double sign = lambda.select(0, i).item_double() < 0 ? -.5 : .5;
                Tensor vectors = torch.linalg_eigh(Ops.scale(solved.add(solved.t()), sign), "L")
                        .get1();
                all.add(vectors.narrow(1, m - 1L, 1));
            }
            return Ops.cat(all, 0);
        }

        /** What a cost and its derivatives are made of at w. */
        private record Point(Tensor w, Tensor d, Tensor b, Tensor pp, Tensor qq, Tensor lengths, double cost) {}

        private Point at(Tensor w) {
            Tensor spread = blocks.mul(w); // [F·m, F], column j holding w_j
            Tensor d = images.matmul(spread); // d_iᵀ (d_j w_j)
            Tensor b = bases.matmul(spread); // B_iᵀ (B_j w_j)
            Tensor pp = spread.t().matmul(d); // [F, F]
            Tensor qq = spread.t().matmul(b);
            Tensor lengths = Ops.shift(Ops.scale(blocks.t().matmul(w.square()), -1), 1); // 1 − |w_i|² [F, 1]
            Tensor scaled = blocks.matmul(lambda).mul(w); // λ_i w_i
            double cost = whole
                    - 2 * scaled.t().matmul(target).matmul(w).item_double()
                    + signs.mul(pp).mul(qq).sum().item_double()
                    + weight * lengths.square().sum().item_double();
            return new Point(w, d, b, pp, qq, lengths, cost);
        }

        private Tensor spread(Tensor pairs) {
            return blocks.matmul(pairs).matmul(blocks.t());
        }

        private Tensor curvature(Point p) {
            Tensor x = p.d.matmul(blocks.t()); // [F·m, F·m]
            Tensor y = p.b.matmul(blocks.t());
            Tensor own = blocks.mul(p.w);
            return spread(signs.mul(p.qq))
                    .mul(images)
                    .add(spread(signs.mul(p.pp)).mul(bases))
                    .add(spread(signs).mul(x.mul(y.t()).add(y.mul(x.t()))))
                    .add(Ops.scale(own.matmul(own.t()), 4 * weight));
        }

        private Tensor descent(Point p) {
            Tensor toTarget = target.add(target.t()).matmul(p.w).mul(blocks.matmul(lambda));
            Tensor between = p.d.mul(blocks.matmul(signs.mul(p.qq))).add(p.b.mul(blocks.matmul(signs.mul(p.pp))));
            return toTarget.sub(Ops.sum(between, 1).unsqueeze(1))
                    .add(Ops.scale(p.w.mul(blocks.matmul(p.lengths)), 2 * weight));
        }

        Tensor minimise(Tensor start) {
            double[] best = Tensors.doubles(start);
            double damping = 1e-2;
            double cost;
            double before = Double.POSITIVE_INFINITY;
            for (int step = 0; step < STEPS; step++) {
                try (NativeScope scope = NativeScope.inference()) {
                    Point here = at(Tensors.of(best, best.length, 1));
                    cost = here.cost;
                    Tensor curvature = curvature(here);
                    Tensor diagonal = torch.diag(Ops.shift(curvature.diag(), 1e-9));
                    Tensor descent = descent(here);
                    Point next = null;
                    for (int attempt = 0; attempt < 12 && next == null; attempt++) {
                        Tensor change = torch.linalg_solve(curvature.add(Ops.scale(diagonal, damping)), descent);
                        Point there = at(here.w.add(change));
                        if (there.cost < cost) {
                            next = there;
                        } else {
                            damping *= 4;
                        }
                    }
                    if (next == null) {
                        break;
                    }
                    best = Tensors.doubles(next.w);
                    damping = Math.max(damping / 4, 1e-14);
                    if (next.cost < EXPLAINED * whole || (step % SPAN == SPAN - 1 && next.cost > .99 * before)) {
                        break;
                    }
                    before = step % SPAN == SPAN - 1 ? next.cost : before;
                }
            }
            return Tensors.of(best, best.length, 1);
        }
    }
}
