package io.residual.probing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.units.UnitId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class SpecialisationTest {
    private static final int LAYERS = 2;
    private static final int HEADS = 4;
    private static final int COMPONENTS = 3;

    private static Component component(UnitId unit, int index, double share, Factor factor, double strength) {
        double[] strengths = new double[Factor.values().length];
        strengths[factor.ordinal()] = strength;
        return new Component(unit, index, share, strengths);
    }

    /** Three components of each of four heads of two layers; {@code factors} of a head's number, over all layers. */
    private static List<Component> components(IntFunction<Factor> factors, Random random) {
        List<Component> all = new ArrayList<>();
        for (int l = 0; l < LAYERS; l++) {
            for (int h = 0; h < HEADS; h++) {
                for (int k = 0; k < COMPONENTS; k++) {
                    UnitId unit = new UnitId(UnitId.Kind.HEAD, l, h);
                    all.add(component(
                            unit, k, .1 + random.nextDouble(), factors.apply(l * HEADS + h), .2 + random.nextDouble()));
                }
            }
        }
        return all;
    }

    /** Main factor's shares .3/.4 and 1, of heads with two components or more; the third head has one, the fourth is below. */
    @Test
    void agreement_byHand() {
        List<Component> components = List.of(
                component(new UnitId(UnitId.Kind.HEAD, 0, 0), 0, .6, Factor.COLOUR, .5),
                component(new UnitId(UnitId.Kind.HEAD, 0, 0), 1, .2, Factor.SIZE, .5),
                component(new UnitId(UnitId.Kind.HEAD, 0, 1), 0, .5, Factor.KIND, .4),
                component(new UnitId(UnitId.Kind.HEAD, 0, 1), 1, .5, Factor.KIND, .4),
                component(new UnitId(UnitId.Kind.HEAD, 1, 0), 0, .5, Factor.KIND, .4),
                component(new UnitId(UnitId.Kind.HEAD, 1, 1), 0, .5, Factor.KIND, .05),
                component(new UnitId(UnitId.Kind.HEAD, 1, 1), 1, .5, Factor.KIND, .4),
                component(new UnitId(UnitId.Kind.MLP, 0, 0), 0, .5, Factor.KIND, .4),
                component(new UnitId(UnitId.Kind.MLP, 0, 0), 1, .5, Factor.SIZE, .4));
        Specialisation s = Specialisation.of(components, .1, 1);
        assertEquals(2, s.heads());
        assertEquals((.75 + 1) / 2, s.agreement(), 1e-12);
    }

    @Test
    void headsThatSpecialise_areFound() {
        Factor[] each = {Factor.KIND, Factor.COLOUR, Factor.TEXTURE, Factor.SIZE};
        Specialisation s = Specialisation.of(components(head -> each[head % HEADS], new Random(1)), .1, 1, 999);
        assertEquals(LAYERS * HEADS, s.heads());
        assertEquals(1, s.agreement(), 1e-12);
        assertTrue(s.chance() < .75, "dealt at random, factors mix: " + s.chance());
        assertEquals(.001, s.probability(), 1e-12);
    }

    @Test
    void headsWithoutTwoComponents_sayNothing() {
        Component one = component(new UnitId(UnitId.Kind.HEAD, 0, 0), 0, .5, Factor.KIND, .4);
        assertEquals(new Specialisation(0, 0, 0, 1), Specialisation.of(List.of(one), .1, 1));
    }

    @Test
    void probability_whereFactorsAreDealtAtRandom_isUniform() {
        int rounds = 99;
        double[] p = new double[200];
        Random random = new Random(3);
        for (int trial = 0; trial < p.length; trial++) {
            List<Component> dealt = components(head -> Factor.values()[random.nextInt(Factor.values().length)], random);
            p[trial] = Specialisation.of(dealt, .1, trial, rounds).probability();
        }
        Uniform.require(p, rounds);
    }
}
