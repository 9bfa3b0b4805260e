package io.residual.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.adapt.Method;
import io.residual.experiment.FewShots.Shot;
import io.residual.experiment.Recommendation.Mean;
import io.residual.report.FewShotsReport;
import io.residual.zeroshot.Accuracy;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RecommendationTest {
    private static final int IMAGES = 200;

    /** Fits of draws that are right on the first images, so many of them. */
    private static List<Shot> fits(Method method, int parameters, double trained, double test, double... heldOut) {
        return fits(method, parameters, trained, test, 10, heldOut);
    }

    private static List<Shot> fits(
            Method method, int parameters, double trained, double test, int classes, double... heldOut) {
        return at(8, method, parameters, trained, test, classes, heldOut);
    }

    private static List<Shot> at(
            int shots, Method method, int parameters, double trained, double test, int classes, double... heldOut) {
        List<Shot> fits = new ArrayList<>();
        for (int i = 0; i < heldOut.length; i++) {
            BitSet right = new BitSet();
            right.set(0, (int) Math.round(heldOut[i] * IMAGES));
            fits.add(new Shot(
                    method,
                    shots,
                    shots * classes,
                    i,
                    parameters,
                    trained,
                    new HeldOut(right, IMAGES, classes),
                    new Accuracy((int) (test * 100), 100),
                    1,
                    null));
        }
        return fits;
    }

    /** From the tables: t with 4 degrees of freedom is 2.776, the deviation of 1 … 5 is √2.5. */
    @Test
    void mean_hasStudentsInterval() {
        Mean mean = Mean.of(.1, .2, .3, .4, .5);
        assertEquals(.3, mean.value(), 1e-12);
        assertEquals(2.776 * Math.sqrt(.025 / 5), mean.half(), 1e-12);
        assertTrue(mean.hasInterval());
    }

    /** One draw has none, two say nothing (t is 12.7), and a share does not lie below 0 or above 1. */
    @Test
    void anIntervalThatSaysNothing_isNotShown() {
        assertFalse(Mean.of(.7).hasInterval());
        assertFalse(Mean.of(.7, .8).hasInterval());
        assertEquals(Double.NaN, Mean.of(.7, .8).half());
        assertFalse(Mean.of(.1, .2, .6).hasInterval());
        assertFalse(Mean.of(.9, .95, 1).hasInterval());
        assertFalse(Mean.of(.7, .7, .7).hasInterval());
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

    /** One rule for all, the recommended one and smaller ones included. */
    @Test
    void everyMethodThatOverfits_isNamed() {
        List<Shot> all = new ArrayList<>(fits(Method.RESIDUAL, 1000, .95, .8, .80, .82, .81));
        all.addAll(fits(Method.LINEAR, 9000, 1, .6, .60, .62, .61));
        all.addAll(fits(Method.COARSE, 10, 1, .6, .60, .62, .61));
        all.addAll(fits(Method.OUTPUT_SPECTRAL, 20, .70, .6, .60, .62, .61));
        Recommendation recommendation = Recommendation.of(all).get(0);
        assertEquals(Method.RESIDUAL, recommendation.method());
        assertEquals(
                List.of(Method.RESIDUAL, Method.LINEAR, Method.COARSE),
                recommendation.overfitted().stream().map(o -> o.method()).toList());
        assertEquals(.61, recommendation.overfitted().get(1).heldOut(), 1e-12);
    }

    @Test
    void whereNothingBeatsBase_thatIsSaid() {
        List<Shot> all = new ArrayList<>(fits(Method.BASE, 0, .5, .5, .50, .50, .50));
        all.addAll(fits(Method.LINEAR, 9000, 1, .99, .50, .51, .50));
        Recommendation recommendation = Recommendation.of(all).get(0);
        assertEquals(Method.BASE, recommendation.method());
        assertFalse(recommendation.atChance());
        assertEquals(
                "With 8 images per class: no method is better than Base (the unadapted model), held-out validation accuracy"
                        + " 50.0 %. Overfits (training against held-out accuracy): Linear Aligner 100 % against 50 %.",
                FewShotsReport.sentence(recommendation));
    }

    /** Five classes: 20 %, and 22 % of 200 images cannot be told from it (Wilson's interval begins at 16.8). */
    @Test
    void atChance_thatIsSaid() {
        List<Shot> all = new ArrayList<>(fits(Method.RESIDUAL_STAR, 100, .21, .21, 5, .22, .22));
        String sentence = FewShotsReport.sentence(Recommendation.of(all).get(0));
        assertTrue(sentence.contains("not distinguishable from chance (20.0 % for 5 classes)"), sentence);
        all = new ArrayList<>(fits(Method.RESIDUAL_STAR, 100, .35, .21, 5, .35, .35));
        assertFalse(Recommendation.of(all).get(0).atChance());
    }

    /** A single draw: three images of 200 more are within the noise of the images themselves. */
    @Test
    void ofOneDraw_theImagesSayWhatIsNoise() {
        List<Shot> all = new ArrayList<>(fits(Method.RESIDUAL, 1000, .8, .8, .505));
        all.addAll(fits(Method.BASE, 0, .5, .5, .50));
        assertEquals(Method.BASE, Recommendation.of(all).get(0).method());
        all = new ArrayList<>(fits(Method.RESIDUAL, 1000, .8, .8, .60));
        all.addAll(fits(Method.BASE, 0, .5, .5, .50));
        assertEquals(Method.RESIDUAL, Recommendation.of(all).get(0).method());
    }

    /** No figure of the test split stands in the sentence. */
    @Test
    void theSentence_keepsToOneSplit() {
        List<Shot> all = new ArrayList<>(fits(Method.RESIDUAL, 1000, .9, .11, .80, .82, .81));
        all.addAll(fits(Method.BASE, 0, .5, .11, .5, .5, .5));
        String sentence = FewShotsReport.sentence(Recommendation.of(all).get(0));
        assertEquals(
                "With 8 images per class: ResiDual, held-out validation accuracy 81.0 ± 2.5 % (Base 50.0 %, gain +31.0 ± 6.5).",
                sentence);
    }

    private static List<Shot> curve(double... accuracies) {
        List<Shot> all = new ArrayList<>();
        for (int i = 0; i < accuracies.length; i++) {
            double a = accuracies[i];
            all.addAll(at(1 << i, Method.GDA, 100, .9, .5, 10, a - .01, a, a + .01));
        }
        return all;
    }

    /** 60 % and 70 % of the same 200 images, in every draw ten points apart. */
    @Test
    void twiceAsManyLabels_bringWhatWasMeasured() {
        Recommendation one = Recommendation.of(curve(.60, .70)).get(0);
        Recommendation.Twice twice = Objects.requireNonNull(one.twice());
        assertTrue(twice.measured());
        assertEquals(.1, twice.gain().value(), 1e-12);
        // By image the three draws differ by 1 in 16 images, by 2/3 in four and by 1/3 in four, by nothing in 176.
        assertEquals(
                1.96 * Math.sqrt((16 + 20 / 9.0 - 2) / 199 / 200), twice.gain().half(), 1e-9);
        assertFalse(twice.stop());
        String sentence = FewShotsReport.sentence(one);
        assertTrue(sentence.contains(" Twice as many labels bring +10.0 ± "), sentence);
    }

    /** An error of 30 % after one of 40 %: three quarters of it are left after the next doubling, 22.5 %. */
    @Test
    void beyondTheLastNumber_theErrorFallsByTheSameShare() {
        Recommendation last = Recommendation.of(curve(.60, .70)).get(1);
        Recommendation.Twice twice = Objects.requireNonNull(last.twice());
        assertFalse(twice.measured());
        assertEquals(.075, twice.gain().value(), 1e-12);
        assertTrue(FewShotsReport.sentence(last).contains("would bring about +7.5 points."));
    }

    @Test
    void whereTwiceAsManyBringNothing_labellingMayStop() {
        List<Recommendation> all = Recommendation.of(curve(.70, .702, .703));
        assertTrue(FewShotsReport.sentence(all.get(0)).contains(": labelling may stop here."));
        // What is extrapolated has no interval: nothing says that it is little.
        assertFalse(FewShotsReport.sentence(all.get(2)).contains("stop"));
        assertEquals(null, Recommendation.of(curve(.7)).get(0).twice());
    }

    /** −1 point on average, but the draws differ by 20 and more: nothing is known, and nothing may stop. */
    @Test
    void whereTwiceAsManyMayBringMuch_labellingGoesOn() {
        List<Shot> all = new ArrayList<>(at(1, Method.GDA, 100, .9, .5, 10, .50, .70, .90));
        all.addAll(at(2, Method.GDA, 100, .9, .5, 10, .70, .67, .70));
        Recommendation one = Recommendation.of(all).get(0);
        Recommendation.Twice twice = Objects.requireNonNull(one.twice());
        assertEquals(-.01, twice.gain().value(), 1e-12);
        assertTrue(twice.gain().value() + twice.gain().half() > .1);
        assertFalse(twice.stop());
        String sentence = FewShotsReport.sentence(one);
        assertTrue(sentence.contains(" points, not distinguishable from none."), sentence);
        assertFalse(sentence.contains("stop"), sentence);
    }

    @Test
    void manyThatOverfit_areCounted() {
        List<Shot> all = new ArrayList<>();
        List<Method> methods = List.of(Method.GDA, Method.RLA, Method.LINEAR, Method.RESIDUAL, Method.PROBE);
        for (int i = 0; i < methods.size(); i++) {
            all.addAll(at(1, methods.get(i), 100, .9 + .02 * i, .5, 10, .5 - .02 * i));
        }
        String sentence = FewShotsReport.sentence(Recommendation.of(all).get(0));
        assertTrue(
                sentence.endsWith(" 5 methods overfit (training accuracy 90 to 98 %, held-out accuracy 42 to 50 %)."),
                sentence);
    }

    /** Where classes have no more images, twice the number is the same images: that says nothing of more labels. */
    @Test
    void withoutMoreImages_nothingIsSaidOfTwiceAsMany() {
        List<Shot> all = new ArrayList<>(at(4, Method.GDA, 100, .9, .5, 10, .70, .71, .72));
        for (Shot s : at(8, Method.GDA, 100, .9, .5, 10, .70, .71, .72)) {
            all.add(new Shot(
                    s.method(), 8, 40, s.seed(), 100, .9, s.heldOut(), s.test(), 1, null)); // 4 each of 10 classes
        }
        List<Recommendation> each = Recommendation.of(all);
        assertEquals(null, each.get(0).twice());
        assertEquals(null, each.get(1).twice());
        String text = FewShotsReport.text("photos", all);
        assertTrue(text.contains("with 8 images per class there were 40 training images, not 80"), text);
        assertFalse(text.contains("with 4 images per class there were"), text);
    }
}
