package io.residual.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residual.alignment.Method;
import io.residual.evaluation.FewShots.Shot;
import io.residual.evaluation.Recommendation.Mean;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecommendationTest {
    private static List<Shot> fits(Method method, int parameters, double trained, double test, double... judged) {
        List<Shot> fits = new ArrayList<>();
        for (int i = 0; i < judged.length; i++) {
            fits.add(new Shot(method, 8, i, parameters, trained, judged[i], new Accuracy((int) (test * 100), 100), 1));
        }
        return fits;
    }

    /** From the tables: t with 4 degrees of freedom is 2.776, the deviation of 1 … 5 is √2.5. */
    @Test
    void mean_hasStudentsInterval() {
        Mean mean = Mean.of(1, 2, 3, 4, 5);
        assertEquals(3, mean.value(), 1e-12);
        assertEquals(2.776 * Math.sqrt(2.5 / 5), mean.half(), 1e-12);
        assertEquals(Double.NaN, Mean.of(.7).half());
    }

    @Test
    void ofMethodsThatCannotBeToldApart_theOneWithFewerParametersIsTaken() {
        List<Shot> all = new ArrayList<>(fits(Method.RESIDUAL, 1000, .9, .8, .80, .82, .81));
        all.addAll(fits(Method.RESIDUAL_STAR, 100, .9, .7, .81, .80, .81));
        assertEquals(Method.RESIDUAL_STAR, Recommendation.of(all).get(0).method());
    }

    @Test
    void aClearlyBetterMethod_isTakenWhateverItsParameters() {
        List<Shot> all = new ArrayList<>(fits(Method.RESIDUAL, 1000, .9, .8, .80, .82, .81));
        all.addAll(fits(Method.RESIDUAL_STAR, 100, .9, .99, .70, .72, .71));
        assertEquals(Method.RESIDUAL, Recommendation.of(all).get(0).method());
    }

    /** The star method's better test figure above must not matter, nor does it here. */
    @Test
    void theTestSplitHasNoSay() {
        List<Shot> low = new ArrayList<>(fits(Method.RESIDUAL, 1000, .9, .1, .80, .82, .81));
        low.addAll(fits(Method.BASE, 0, .5, 1, .5, .5, .5));
        Recommendation recommendation = Recommendation.of(low).get(0);
        assertEquals(Method.RESIDUAL, recommendation.method());
        assertEquals(.1, recommendation.test().value(), 1e-12);
    }

    @Test
    void aLargerMethodThatKnowsItsImagesByHeart_isNamed() {
        List<Shot> all = new ArrayList<>(fits(Method.RESIDUAL, 1000, .9, .8, .80, .82, .81));
        all.addAll(fits(Method.LINEAR, 9000, 1, .6, .60, .62, .61));
        all.addAll(fits(Method.COARSE, 10, 1, .6, .60, .62, .61));
        List<Recommendation.Overfitted> overfitted =
                Recommendation.of(all).get(0).overfitted();
        assertEquals(
                List.of(Method.LINEAR), overfitted.stream().map(o -> o.method()).toList());
        assertEquals(.61, overfitted.get(0).judged(), 1e-12);
    }
}
