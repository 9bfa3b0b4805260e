package io.residual.tensor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Minimises a smooth function of many numbers by its gradients: L-BFGS (Nocedal and Wright 2006, algorithms 7.4 and 7.5)
 * with a line search for the strong Wolfe conditions (algorithms 3.5 and 3.6). Deterministic; in 64-bit floats whatever the
 * function computes in.
 */
public final class Lbfgs {
    /** Sufficient decrease, and how much flatter the end of a step must be than its start; the book's values. */
    private static final double DECREASE = 1e-4;

    private static final double CURVATURE = .9;
    private static final int LINE_STEPS = 20;

    private final int memory;
    private final int iterations;
    private final double tolerance;

    /**
     * A minimiser.
     *
     * @param memory number of stored pairs of steps and gradient changes
     * @param iterations maximum number
     * @param tolerance relative improvement below which it stops
     */
    public Lbfgs(int memory, int iterations, double tolerance) {
        this.memory = memory;
        this.iterations = iterations;
        this.tolerance = tolerance;
    }

    /** A function with its gradient. */
    @FunctionalInterface
    public interface Function {
        /** The value at {@code x}; its gradient goes into {@code gradient}. */
        double at(double[] x, double[] gradient);
    }

    /**
     * The result of a minimisation.
     *
     * @param x the arguments
     * @param value the value of the function at x
     * @param evaluations number of function evaluations
     */
    public record Minimum(double[] x, double value, int evaluations) {}

    private static final class Pair {
        final double[] step;
        final double[] change;
        final double inverse; // 1 / (change · step)

        Pair(double[] step, double[] change, double product) {
            this.step = step;
            this.change = change;
            this.inverse = 1 / product;
        }
    }

    /** A point on the way, with what the function says there. */
    private record Point(double[] x, double value, double[] gradient) {}

    private static final class Counted {
        final Function function;
        int evaluations;

        Counted(Function function) {
            this.function = function;
        }

        Point at(double[] x) {
            evaluations++;
            double[] gradient = new double[x.length];
            return new Point(x, function.at(x, gradient), gradient);
        }
    }

    /** Minimises from {@code start}, which is left as it is. */
    public Minimum minimise(Function function, double[] start) {
        Counted counted = new Counted(function);
        Point now = counted.at(start.clone());
        Deque<Pair> pairs = new ArrayDeque<>();
        for (int i = 0; i < iterations && norm(now.gradient) > 0; i++) {
            double[] direction = direction(now.gradient, pairs);
            double slope = dot(direction, now.gradient);
            if (!(slope < 0)) { // rounding has spoilt the memory: begin anew, downhill
                pairs.clear();
                direction = direction(now.gradient, pairs);
                slope = dot(direction, now.gradient);
            }
            // Without memory the direction's length means nothing; a first step of length one at most is the usual
            // guess.
            double first = pairs.isEmpty() ? Math.min(1, 1 / norm(now.gradient)) : 1;
            Point next = search(counted, now, direction, slope, first);
            if (next == null) {
                break;
            }
            double[] step = difference(next.x, now.x);
            double[] change = difference(next.gradient, now.gradient);
            double product = dot(step, change);
            if (product > 1e-10 * norm(step) * norm(change)) {
                pairs.addLast(new Pair(step, change, product));
                if (pairs.size() > memory) {
                    pairs.removeFirst();
                }
            }
            boolean done = now.value - next.value <= tolerance * Math.max(1e-12, Math.abs(now.value));
            now = next;
            if (done) {
                break;
            }
        }
        return new Minimum(now.x, now.value, counted.evaluations);
    }

    /** The two-loop recursion: minus an estimate of the inverse Hessian, times the gradient. */
    private static double[] direction(double[] gradient, Deque<Pair> pairs) {
        double[] q = gradient.clone();
        double[] shares = new double[pairs.size()];
        int i = 0;
        for (Iterator<Pair> newest = pairs.descendingIterator(); newest.hasNext(); i++) {
            Pair pair = newest.next();
            shares[i] = pair.inverse * dot(pair.step, q);
            add(q, -shares[i], pair.change);
        }
        if (!pairs.isEmpty()) {
            Pair last = pairs.getLast();
            double scale = 1 / (last.inverse * dot(last.change, last.change));
            for (int j = 0; j < q.length; j++) {
                q[j] *= scale;
            }
        }
        for (Pair pair : pairs) {
            i--;
            add(q, shares[i] - pair.inverse * dot(pair.change, q), pair.step);
        }
        for (int j = 0; j < q.length; j++) {
            q[j] = -q[j];
        }
        return q;
    }

    /** A point along the direction that satisfies the strong Wolfe conditions, or the lowest met; null if none is lower. */
    private static @Nullable Point search(
            Counted function, Point from, double[] direction, double slope, double first) {
        double low = 0; // the best end of the bracket
        Point lowPoint = from;
        double lowSlope = slope;
        double high = Double.NaN; // the other end, once there is one
        double step = first;
        for (int i = 0; i < LINE_STEPS; i++) {
            Point point = function.at(along(from.x, direction, step));
            double here = dot(direction, point.gradient);
            boolean tooHigh = !(point.value <= from.value + DECREASE * step * slope) || point.value >= lowPoint.value;
            if (tooHigh) {
                high = step;
            } else if (Math.abs(here) <= -CURVATURE * slope) {
                return point;
            } else {
                if (here * (Double.isNaN(high) ? 1 : high - low) >= 0) {
                    high = low;
                }
                low = step;
                lowPoint = point;
                lowSlope = here;
            }
            step = Double.isNaN(high) ? 2 * step : between(low, high, lowPoint.value, lowSlope, point, step);
        }
        return low == 0 ? null : lowPoint;
    }

    /** A trial inside the bracket: the minimum of the parabola through the better end, kept off both ends. */
    private static double between(double low, double high, double value, double slope, Point tried, double at) {
        double width = high - low;
        double middle = low + width / 2;
        double gap = at - low;
        if (gap == 0 || !Double.isFinite(tried.value)) {
            return middle;
        }
        double bend = (tried.value - value - slope * gap) / (gap * gap);
        double guess = bend > 0 ? low - slope / (2 * bend) : middle;
        double share = (guess - low) / width;
        return share > .1 && share < .9 ? guess : middle;
    }

    private static double[] along(double[] x, double[] direction, double step) {
        double[] out = x.clone();
        add(out, step, direction);
        return out;
    }

    private static double[] difference(double[] a, double[] b) {
        double[] out = a.clone();
        add(out, -1, b);
        return out;
    }

    private static void add(double[] to, double factor, double[] what) {
        for (int i = 0; i < to.length; i++) {
            to[i] += factor * what[i];
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double norm(double[] a) {
        return Math.sqrt(dot(a, a));
    }
}
