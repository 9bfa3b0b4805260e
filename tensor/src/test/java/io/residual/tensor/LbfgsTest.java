package io.residual.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LbfgsTest {
    private static double rosenbrock(double[] x, double[] gradient) {
        double a = x[1] - x[0] * x[0];
        gradient[0] = -400 * x[0] * a - 2 * (1 - x[0]);
        gradient[1] = 200 * a;
        return 100 * a * a + (1 - x[0]) * (1 - x[0]);
    }

    @Test
    void findsTheEndOfRosenbrocksValley() {
        double[] start = {-1.2, 1};
        Lbfgs.Minimum found = new Lbfgs(10, 200, 0).minimise(LbfgsTest::rosenbrock, start);
        assertArrayEquals(new double[] {1, 1}, found.x(), 1e-6);
        assertArrayEquals(new double[] {-1.2, 1}, start, "the start was changed");
        // The literature's implementations need some 40 to 60 evaluations from here.
        assertTrue(found.evaluations() < 100, found.evaluations() + " evaluations");
    }

    /** A quadratic's minimum is known: the centre, whatever the curvatures. */
    @Property(tries = 50)
    void findsTheCentreOfAQuadratic(@ForAll @IntRange(min = 1, max = 40) int size, @ForAll long seed) {
        Random random = new Random(seed);
        double[] centre = random.doubles(size, -5, 5).toArray();
        double[] curvature = random.doubles(size, .01, 10).toArray();
        Lbfgs.Minimum found = new Lbfgs(10, 500, 0)
                .minimise(
                        (x, gradient) -> {
                            double value = 0;
                            for (int i = 0; i < size; i++) {
                                double away = x[i] - centre[i];
                                gradient[i] = curvature[i] * away;
                                value += curvature[i] * away * away / 2;
                            }
                            return value;
                        },
                        new double[size]);
        // The value falls to rounding, 1e-16 of about 1000; distance is its root over the least curvature.
        assertArrayEquals(centre, found.x(), 1e-4);
        assertEquals(0, found.value(), 1e-10);
    }

    @Test
    void neverEndsHigherThanItStarted_evenWhereTheFunctionIsNotANumber() {
        // log x is not defined left of 0, where the first long step leads.
        Lbfgs.Function function = (x, gradient) -> {
            gradient[0] = 50 - 1 / x[0];
            return 50 * x[0] - Math.log(x[0]);
        };
        Lbfgs.Minimum found = new Lbfgs(5, 100, 0).minimise(function, new double[] {1});
        assertEquals(1 / 50.0, found.x()[0], 1e-6);
    }

    @Test
    void staysWhereThereIsNoSlope() {
        Lbfgs.Minimum found = new Lbfgs(5, 100, 0).minimise((x, gradient) -> 7, new double[] {1, 2});
        assertArrayEquals(new double[] {1, 2}, found.x());
        assertEquals(1, found.evaluations());
    }

    @Test
    void takesNoMoreStepsThanAllowed() {
        Lbfgs.Minimum one = new Lbfgs(10, 1, 0).minimise(LbfgsTest::rosenbrock, new double[] {-1.2, 1});
        Lbfgs.Minimum ten = new Lbfgs(10, 10, 0).minimise(LbfgsTest::rosenbrock, new double[] {-1.2, 1});
        assertTrue(one.value() > ten.value());
        assertTrue(ten.value() > 1e-3, "ten steps do not reach the end of the valley");
    }
}
