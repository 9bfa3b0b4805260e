package io.residual.intervene;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.fixtures.RandomTower;
import io.residual.fixtures.RandomTower.Read;
import io.residual.intervene.Interventions.Intervention;
import io.residual.intervene.Interventions.Tokens;
import io.residual.model.ImageTower;
import io.residual.model.PassHooks;
import io.residual.model.Residuals;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.where.LinearReadout;
import io.residual.where.TokenMap;
import io.residual.where.TokenTrace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values against the reference are the kit's; here, what must hold for every way of reading an embedding. */
class EffectsTest {
    private static final UnitId HEAD = new UnitId(UnitId.Kind.HEAD, 1, 2);
    private static final UnitId MLP = new UnitId(UnitId.Kind.MLP, 0, 0);

    private static UnitShape shape(ImageTower tower) {
        return TokenTrace.of(tower, RandomTower.pixels(1, 1)).shape();
    }

    private static float[] output(ImageTower tower, Interventions changes, Tensor pixels) {
        return Tensors.floats(changes.trace(tower, pixels).output());
    }

    /** A pass that is continued from a layer must answer as one that is changed on its way. */
    @ParameterizedTest
    @EnumSource(Read.class)
    void everyUnit_answersAsInAPassOfItsOwn(Read read) {
        try (NativeScope scope = NativeScope.inference()) {
            ImageTower tower = RandomTower.of(read, 5);
            Tensor pixels = RandomTower.pixels(2, 6);
            List<UnitId> units = new ArrayList<>(shape(tower).headIds());
            units.addAll(shape(tower).blockMlpIds());
            Change change = new Change.Scale(-.5);
            List<UnitId> seen = new ArrayList<>();
            new Effects(tower).of(pixels, units, change, Tokens.ALL, (unit, total) -> {
                seen.add(unit);
                assertArrayEquals(
                        output(tower, Interventions.NONE.with(unit, change), pixels),
                        Tensors.floats(total.output()),
                        1e-5f,
                        unit.toString());
            });
            assertEquals(units.size(), seen.size());
        }
    }

    /** Nothing comes after the last MLP, so all of its effect is direct; an earlier head's is not. */
    @ParameterizedTest
    @EnumSource(Read.class)
    void theLastMlp_hasNoIndirectEffect(Read read) {
        try (NativeScope scope = NativeScope.inference()) {
            ImageTower tower = RandomTower.of(read, 5);
            UnitId last = new UnitId(UnitId.Kind.MLP, 2, 0);
            List<UnitId> both = List.of(last, HEAD);
            new Effects(tower).of(RandomTower.pixels(2, 6), both, Change.ZERO, Tokens.ALL, new Effects.Sink() {
                private final Map<UnitId, float[]> totals = new HashMap<>();

                @Override
                public void total(UnitId unit, Residuals total) {
                    totals.put(unit, Tensors.floats(total.output()));
                }

                @Override
                public void plain(Residuals plain) {
                    assertEquals(both.size(), totals.size());
                    float[] own = Tensors.floats(tower.encode(RandomTower.pixels(2, 6)));
                    assertArrayEquals(own, Tensors.floats(plain.output()), 1e-5f);
                }

                @Override
                public void direct(UnitId unit, Residuals direct) {
                    float[] held = Tensors.floats(direct.output());
                    float[] total = Objects.requireNonNull(totals.remove(unit));
                    double apart = 0;
                    for (int j = 0; j < held.length; j++) {
                        apart = Math.max(apart, Math.abs(total[j] - held[j]));
                    }
                    assertTrue(unit.equals(last) ? apart < 1e-5 : apart > 1e-2, unit + ": " + apart);
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource(Read.class)
    void whatChangesNothing_changesNothing(Read read) {
        try (NativeScope scope = NativeScope.inference()) {
            ImageTower tower = RandomTower.of(read, 5);
            Tensor pixels = RandomTower.pixels(2, 6);
            Activations own = Activations.of(tower, pixels);
            Interventions none = Interventions.NONE
                    .scale(HEAD, 1)
                    .replace(HEAD, own)
                    .replace(MLP, own)
                    .steer(MLP, new double[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0);
            if (read != Read.ATTENTION) { // D is another
                none = Interventions.NONE.scale(HEAD, 1).replace(HEAD, own).replace(MLP, own);
            }
            assertArrayEquals(
                    Tensors.floats(tower.encode(pixels)),
                    Tensors.floats(none.trace(tower, pixels).output()),
                    1e-5f);
            assertEquals(PassHooks.NONE, Interventions.NONE.hooks(tower));
        }
    }

    /**
     * A tower that holds heads answers as passes that are changed: plain, continued from a layer, changed further, and split over tokens
     * without a rest.
     */
    @ParameterizedTest
    @EnumSource(Read.class)
    void heldHeads_areTheChangesInEveryPass(Read read) {
        try (NativeScope scope = NativeScope.inference()) {
            ImageTower tower = RandomTower.of(read, 5);
            Tensor pixels = RandomTower.pixels(2, 6);
            UnitId last = new UnitId(UnitId.Kind.HEAD, 2, 0);
            Activations other = Activations.of(tower, RandomTower.pixels(1, 9));
            Interventions changes = Interventions.NONE
                    .zero(HEAD)
                    .scale(new UnitId(UnitId.Kind.HEAD, 1, 0), .25)
                    .replace(last, other);
            ImageTower held = tower.holding(changes.held(tower));
            float[] wanted = output(tower, changes, pixels);
            assertArrayEquals(wanted, Tensors.floats(held.encode(pixels)), 1e-5f);
            assertArrayEquals(wanted, Tensors.floats(held.traceInFull(pixels).output()), 1e-5f);
            double moved = 0;
            float[] plain = Tensors.floats(tower.encode(pixels));
            for (int j = 0; j < plain.length; j++) {
                moved = Math.max(moved, Math.abs(plain[j] - wanted[j]));
            }
            assertTrue(moved > 1e-2, "the changes do something: " + moved);
            new Effects(held)
                    .of(
                            pixels,
                            List.of(MLP),
                            Change.ZERO,
                            Tokens.ALL,
                            (unit, total) -> assertArrayEquals(
                                    output(tower, changes.zero(MLP), pixels), Tensors.floats(total.output()), 1e-5f));
            TokenTrace trace = TokenTrace.of(held, pixels);
            int d = trace.shape().sharedWidth();
            for (int j : new int[] {0, d - 1}) {
                double[] axis = new double[d];
                axis[j] = 1;
                TokenMap map = trace.alongAll(1, axis);
                assertEquals(trace.output(1)[j], map.total(), 2e-5);
                for (double part : map.of(last)) {
                    assertEquals(0, part, 1e-12, "what it is held at belongs to no token");
                }
            }
            Interventions of = Interventions.NONE.zero(MLP);
            assertThrows(InputException.class, () -> of.held(tower));
        }
    }

    /** Of one image, every image gets the same; of as many, each its own. */
    @Test
    void activations_areOfOneOrOfAsMany() {
        try (NativeScope scope = NativeScope.inference()) {
            ImageTower tower = RandomTower.of(Read.CLASS_TOKEN, 5);
            Tensor pixels = RandomTower.pixels(3, 6);
            Activations all = Activations.of(tower, pixels);
            float[] plain = Tensors.floats(tower.encode(pixels));
            float[] first = output(tower, Interventions.NONE.replace(HEAD, all.images(0)), pixels);
            for (int j = 0; j < 10; j++) {
                assertEquals(plain[j], first[j], 1e-5);
            }
            float[] rolled = output(tower, Interventions.NONE.replace(HEAD, all.images(1, 2, 0)), pixels);
            float[] one = output(tower, Interventions.NONE.replace(HEAD, all.images(2)), pixels);
            for (int j = 0; j < 10; j++) {
                assertEquals(one[10 + j], rolled[10 + j], 1e-5);
            }
            Interventions two = Interventions.NONE.replace(HEAD, all.images(1, 2));
            assertThrows(InputException.class, () -> two.trace(tower, pixels));
        }
    }

    @Test
    void theMean_isThatOfAllBatches() {
        try (NativeScope scope = NativeScope.inference()) {
            ImageTower tower = RandomTower.of(Read.CLASS_TOKEN, 5);
            Tensor pixels = RandomTower.pixels(3, 6);
            Activations.Mean mean = new Activations.Mean(tower);
            mean.add(pixels.narrow(0, 0, 2));
            mean.add(pixels.narrow(0, 2, 1));
            Activations all = Activations.of(tower, pixels);
            for (UnitId unit : List.of(HEAD, MLP)) {
                Tensor want = Ops.mean(all.of(unit, 4, 0, all.tokens()), 0);
                assertTrue(Ops.maxAbs(want.sub(mean.mean().of(unit, 4, 0, all.tokens()))) < 1e-6);
            }
        }
    }

    /** The class token alone changes less than all tokens; in a tower without one there is nothing to change. */
    @Test
    void theClassToken_isOneOfAll() {
        try (NativeScope scope = NativeScope.inference()) {
            ImageTower tower = RandomTower.of(Read.CLASS_TOKEN, 5);
            Tensor pixels = RandomTower.pixels(1, 6);
            Intervention one = new Intervention(HEAD, Change.ZERO, Tokens.CLASS);
            float[] alone = output(tower, Interventions.NONE.with(one), pixels);
            float[] everywhere = output(tower, Interventions.NONE.zero(HEAD), pixels);
            double apart = 0;
            for (int j = 0; j < alone.length; j++) {
                apart = Math.max(apart, Math.abs(alone[j] - everywhere[j]));
            }
            assertTrue(apart > 1e-3);
            ImageTower pooled = RandomTower.of(Read.ATTENTION, 5);
            assertThrows(
                    InputException.class, () -> Interventions.NONE.with(one).trace(pooled, pixels));
        }
    }

    /** Of all moves of a length, the steepest gains g·Δy = s‖z‖‖Wᵀ Mᵀ g‖/σ in the unit itself. */
    @Test
    void steering_movesTheUnitAlongTheDirection() {
        try (NativeScope scope = NativeScope.inference()) {
            ImageTower tower = RandomTower.of(Read.CLASS_TOKEN, 5);
            Tensor pixels = RandomTower.pixels(1, 6);
            double[] g = new double[10];
            g[4] = 3; // the length does not matter
            Tensor plain = tower.trace(pixels).heads().get(1);
            Tensor moved = Interventions.NONE
                    .steer(HEAD, g, .5)
                    .trace(tower, pixels)
                    .heads()
                    .get(1);
            Tensor z = plain.narrow(2, 8, 4);
            Tensor difference = moved.sub(plain);
            assertEquals(.5 * z.norm().item_double(), difference.norm().item_double(), 1e-4);
            assertEquals(0, difference.narrow(2, 0, 8).norm().item_double(), 1e-6);
            Tensor asked = LinearReadout.of(tower).asks(Tensors.of(g, 1, 10)).view(-1); // [d]
            Tensor w = tower.weights().blocks().get(1).out().weight().narrow(1, 8, 4);
            Tensor steepest = w.t().matmul(asked.to(ScalarType.Float));
            double cosine = steepest.dot(difference.narrow(2, 8, 4).contiguous().view(-1))
                            .item_double()
                    / steepest.norm().item_double()
                    / difference.norm().item_double();
            assertEquals(1, cosine, 1e-5);
        }
    }

    @Test
    void aUnitThatIsNotThere_isNamed() {
        try (NativeScope scope = NativeScope.inference()) {
            ImageTower tower = RandomTower.of(Read.CLASS_TOKEN, 5);
            Interventions missing = Interventions.NONE.zero(new UnitId(UnitId.Kind.HEAD, 3, 0));
            InputException e = assertThrows(InputException.class, () -> missing.trace(tower, RandomTower.pixels(1, 6)));
            assertTrue(String.valueOf(e.getMessage()).contains("L3.H0"));
            assertThrows(InputException.class, () -> Interventions.NONE.zero(new UnitId(UnitId.Kind.EMBEDDING, 0, 0)));
        }
    }
}
