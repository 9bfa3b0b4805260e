package io.residual.intervene;

import io.residual.base.InputException;
import io.residual.model.Block;
import io.residual.model.HeldHead;
import io.residual.model.ImageTower;
import io.residual.model.PassHooks;
import io.residual.model.Residuals;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import io.residual.where.LinearReadout;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Changes inside the forward pass, named by unit, in the order in which they were added. What comes after a changed unit is
 * computed anew from what the change leaves.
 *
 * <pre>{@code
 * Residuals without = Interventions.NONE.zero(head).trace(tower, pixels);
 * }</pre>
 *
 * <p>Immutable, and safe for several threads.
 */
public final class Interventions {
    /** No change. */
    public static final Interventions NONE = new Interventions(List.of());

    /** At which tokens. */
    public enum Tokens {
        /** Every one. */
        ALL,
        /** The class token, the first. */
        CLASS
    }

    /**
     * One change.
     *
     * @param unit a head or an MLP
     */
    public record Intervention(UnitId unit, Change change, Tokens tokens) {
        public Intervention {
            if (unit.kind() != UnitId.Kind.HEAD && unit.kind() != UnitId.Kind.MLP) {
                throw InputException.at("the intervention", unit.toString(), "a head or an MLP", "Name another unit");
            }
        }
    }

    private final List<Intervention> all;

    private Interventions(List<Intervention> all) {
        this.all = List.copyOf(all);
    }

    /** The changes, in order. */
    public List<Intervention> all() {
        return all;
    }

    /** This and another change at all tokens. */
    public Interventions with(UnitId unit, Change change) {
        return with(new Intervention(unit, change, Tokens.ALL));
    }

    /** This and another change. */
    public Interventions with(Intervention intervention) {
        List<Intervention> more = new ArrayList<>(all);
        more.add(intervention);
        return new Interventions(more);
    }

    /** This, and nothing of a unit. */
    public Interventions zero(UnitId unit) {
        return with(unit, Change.ZERO);
    }

    /** This, and a unit multiplied. */
    public Interventions scale(UnitId unit, double factor) {
        return with(unit, new Change.Scale(factor));
    }

    /** This, and a unit replaced by another pass's, or by a mean. */
    public Interventions replace(UnitId unit, Activations by) {
        return with(unit, new Change.Replace(by));
    }

    /** This, and a unit moved along a direction of the shared space, as {@link Change.Steer} says. */
    public Interventions steer(UnitId unit, double[] direction, double strength) {
        return with(unit, new Change.Steer(direction, strength));
    }

    /**
     * The pass with these changes. {@code pixels} [b, 3, height, width].
     *
     * @throws InputException if a unit is none of the tower's, or activations do not fit the images
     */
    public Residuals trace(ImageTower tower, Tensor pixels) {
        return tower.trace(pixels, hooks(tower));
    }

    /**
     * These changes as heads that a tower holds in every pass.
     *
     * @throws InputException if one is no change of a head at all tokens that is the same for every image
     */
    public List<HeldHead> held(ImageTower tower) {
        List<HeldHead> held = new ArrayList<>();
        int h = tower.config().headWidth();
        for (Intervention i : all) {
            requireUnit(tower, i.unit);
            UnitId unit = i.unit;
            boolean whole = unit.kind() == UnitId.Kind.HEAD && i.tokens == Tokens.ALL;
            if (whole && i.change instanceof Change.Scale scale) {
                held.add(new HeldHead(unit.layer(), unit.head(), (float) scale.factor(), new float[0]));
            } else if (whole
                    && i.change instanceof Change.Replace replace
                    && replace.by().images() == 1) {
                try (NativeScope scope = NativeScope.inference()) {
                    Tensor mean = replace.by().of(unit, h, 0, replace.by().tokens());
                    held.add(new HeldHead(unit.layer(), unit.head(), 0, Tensors.floats(mean)));
                }
            } else {
                throw InputException.at(
                        "the intervention",
                        unit + " changed otherwise",
                        "a head put at zero, at its mean or at a factor, at all tokens",
                        "Leave it out");
            }
        }
        return held;
    }

    /** These changes, to be made in passes of a tower. */
    public PassHooks hooks(ImageTower tower) {
        if (all.isEmpty()) {
            return PassHooks.NONE;
        }
        all.forEach(i -> requireUnit(tower, i.unit));
        return new PassHooks() {
            @Override
            public Tensor heads(int layer, Tensor z) {
                return changed(tower, UnitId.Kind.HEAD, layer, z);
            }

            @Override
            public Tensor mlp(int layer, Tensor m) {
                return changed(tower, UnitId.Kind.MLP, layer, m);
            }
        };
    }

    private static void requireUnit(ImageTower tower, UnitId unit) {
        int layers = tower.config().layers();
        int heads = tower.config().heads();
        if (unit.layer() >= layers || unit.head() >= heads) {
            throw InputException.at(
                    "the intervention",
                    unit.toString(),
                    "a unit of the model, L0.H0 to L" + (layers - 1) + ".H" + (heads - 1) + " or L0.MLP to L"
                            + (layers - 1) + ".MLP",
                    "Name another unit");
        }
    }

    private Tensor changed(ImageTower tower, UnitId.Kind kind, int layer, Tensor x) {
        Tensor now = x;
        for (Intervention i : all) {
            if (i.unit.kind() == kind && i.unit.layer() == layer) {
                now = changed(tower, i, now, 0);
            }
        }
        return now;
    }

    /**
     * What an intervention makes of a layer's activations.
     *
     * @param x [b, t, d]: what the heads read, side by side, or what the MLP wrote
     * @param first the token that x begins with
     * @return the same shape, in other memory
     */
    static Tensor changed(ImageTower tower, Intervention intervention, Tensor x, int first) {
        UnitId unit = intervention.unit;
        int h = tower.config().headWidth();
        Tensor now = x.clone();
        Tensor own = unit.kind() == UnitId.Kind.HEAD ? now.narrow(2, (long) unit.head() * h, h) : now;
        long t = own.size(1);
        if (intervention.tokens == Tokens.CLASS) {
            if (tower.weights().embedding().classToken() == null) {
                throw InputException.at(
                        "the intervention", "the class token", "a model that has one", "Change all tokens");
            }
            if (first > 0) {
                return now; // the class token is not among these
            }
            own = own.narrow(1, 0, 1);
            t = 1;
        }
        Change change = intervention.change;
        if (change instanceof Change.Scale scale) {
            own.copy_(Ops.scale(own, scale.factor()));
        } else if (change instanceof Change.Replace replace) {
            own.copy_(replacement(replace.by(), unit, h, first, t, own.size(0)));
        } else if (change instanceof Change.Steer steer) {
            own.copy_(own.add(move(tower, unit, steer, own)));
        }
        return now;
    }

    private static Tensor replacement(Activations by, UnitId unit, int h, long first, long t, long images) {
        if (by.images() != 1 && by.images() != images) {
            throw InputException.at(
                    "the intervention",
                    "activations of " + by.images() + " images for " + images,
                    "of one, or of as many",
                    "Give others");
        }
        if (first + t > by.tokens()) {
            throw InputException.at(
                    "the intervention",
                    "activations of " + by.tokens() + " tokens for " + (first + t),
                    "of images of the same size",
                    "Give others");
        }
        return by.of(unit, h, first, t);
    }

    /** [b, t, w]: strength · ‖own‖ along the unit's steepest move, Wᵀ Mᵀ g over its length. */
    private static Tensor move(ImageTower tower, UnitId unit, Change.Steer steer, Tensor own) {
        Block block = tower.weights().blocks().get(unit.layer());
        Tensor g = Tensors.of(steer.direction(), 1, steer.direction().length);
        Tensor asked = Ops.sum(LinearReadout.of(tower).asks(g), 1).t(); // [d, 1], of all pooling heads together
        if (unit.kind() == UnitId.Kind.HEAD) {
            long h = tower.config().headWidth();
            asked = block.out()
                    .weight()
                    .to(ScalarType.Double)
                    .narrow(1, unit.head() * h, h)
                    .t()
                    .matmul(asked);
        }
        Tensor along = Ops.normalise(asked.t()).to(ScalarType.Float); // [1, w]
        Tensor length = own.norm(new ScalarOptional(new Scalar(2.0)), new long[] {-1}, true);
        return Ops.scale(length, steer.strength()).mul(along);
    }
}
