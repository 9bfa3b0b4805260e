package io.residual.units;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.JsonObject;
import io.residual.units.UnitId.Kind;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The numbers that fix a trace's layout. Units stand in the order: embedding; heads, layer by layer; MLPs, layer by
 * layer; the MLP after pooling, where there is one.
 *
 * <p>A head is kept in head coordinates, h + 2 numbers, where the embedding reads one token or a mean of tokens. Where P pooling
 * heads read the tokens, each gathers h + 2 numbers of its own from every head, P (h + 2) in all, which is more than the D that
 * the unit has; so there the unit itself is kept.
 *
 * @param layers L
 * @param heads H a layer
 * @param headWidth h
 * @param sharedWidth D
 * @param pooled whether the embedding is pooled by attention
 */
public record UnitShape(int layers, int heads, int headWidth, int sharedWidth, boolean pooled) implements Serializable {
    private static final int MOST =
            1 << 16; // layers, heads, widths: far beyond any tower, and no product of two overflows

    private static final Map<String, String> FORMER = Map.of("headWidth", "head_width", "sharedWidth", "shared_width");

    /** The shape of a tower that is read at one token, or at the mean of its patches. */
    public UnitShape(int layers, int heads, int headWidth, int sharedWidth) {
        this(layers, heads, headWidth, sharedWidth, false);
    }

    /** Reads the stored form. */
    public static UnitShape of(JsonObject json) {
        JsonObject known = json.renamed(FORMER).only("layers", "heads", "head_width", "shared_width", "pooled");
        return new UnitShape(
                known.whole("layers", 1, MOST / 2),
                known.whole("heads", 1, MOST / 2),
                known.whole("head_width", 1, MOST),
                known.whole("shared_width", 1, MOST),
                known.flag("pooled", false));
    }

    /** The stored form, a part of a document; {@code pooled} stands there only if it is true. */
    public ObjectNode json() {
        ObjectNode node = Json.object()
                .put("layers", layers)
                .put("heads", heads)
                .put("head_width", headWidth)
                .put("shared_width", sharedWidth);
        return pooled ? node.put("pooled", true) : node;
    }

    /** The number of units: 1 + L·H + L, and 1 more with an MLP after pooling. */
    public int units() {
        return allHeads() + others();
    }

    /** Units that are no heads, D numbers each: embedding, MLPs, MLP after pooling. */
    public int others() {
        return 1 + layers + (pooled ? 1 : 0);
    }

    /** Numbers of an image and head alone: h, or D where the unit itself is kept. */
    public int keptOfHead() {
        return pooled ? sharedWidth : headWidth;
    }

    /** Numbers of an image that all heads share: 1/σ and μ/σ; none where units themselves are kept. */
    public int keptOfNorm() {
        return pooled ? 0 : 2;
    }

    /** Numbers that a trace keeps of an image. */
    public long kept() {
        return (long) allHeads() * keptOfHead() + keptOfNorm() + (others() + 1L) * sharedWidth;
    }

    /** Whether a unit is kept in coordinates that a {@link UnitFrame} maps to it, rather than as it is. */
    public boolean mapped(UnitId unit) {
        return unit.kind() == Kind.HEAD && !pooled;
    }

    /** The number of heads, L·H. */
    public int allHeads() {
        return layers * heads;
    }

    /** The number of coordinates of a unit per image: h + 2 for a head in head coordinates, D for another unit. */
    public int coordinates(UnitId unit) {
        return mapped(unit) ? headWidth + 2 : sharedWidth;
    }

    /** The place of a unit that is no head among those. */
    int otherIndex(UnitId unit) {
        int index = index(unit);
        return index == 0 ? 0 : index - allHeads();
    }

    /** The unit at an index of the order. */
    public UnitId unit(int index) {
        if (index == 0) {
            return new UnitId(Kind.EMBEDDING, 0, 0);
        }
        if (index <= allHeads()) {
            return new UnitId(Kind.HEAD, (index - 1) / heads, (index - 1) % heads);
        }
        int layer = index - 1 - allHeads();
        return layer < layers ? new UnitId(Kind.MLP, layer, 0) : new UnitId(Kind.POOLING, 0, 0);
    }

    /**
     * The unit of a name as {@link UnitId#toString} writes it.
     *
     * @param where the name stands, for the error
     * @throws InputException if no unit is called so
     */
    public UnitId named(String name, String where) {
        for (UnitId unit : ids()) {
            if (unit.toString().equals(name)) {
                return unit;
            }
        }
        throw InputException.at(
                where,
                "'" + name + "'",
                "a unit of the model: embedding, L0.H0 to L" + (layers - 1) + ".H" + (heads - 1) + ", L0.MLP to L"
                        + (layers - 1) + ".MLP",
                "Correct the name");
    }

    /** The index of a unit in the order. */
    public int index(UnitId unit) {
        return switch (unit.kind()) {
            case EMBEDDING -> 0;
            case HEAD -> 1 + unit.layer() * heads + unit.head();
            case MLP -> 1 + allHeads() + unit.layer();
            case POOLING -> 1 + allHeads() + layers;
        };
    }

    /** Every head, layer by layer. */
    public List<UnitId> headIds() {
        return ids(1, 1 + allHeads());
    }

    /** The MLP of every block: those that can be changed inside the forward pass. */
    public List<UnitId> blockMlpIds() {
        return ids(1 + allHeads(), 1 + allHeads() + layers);
    }

    /** Every MLP, the one after pooling last. */
    public List<UnitId> mlpIds() {
        return ids(1 + allHeads(), units());
    }

    /** Every unit, in order. */
    public List<UnitId> ids() {
        return ids(0, units());
    }

    private List<UnitId> ids(int from, int to) {
        List<UnitId> ids = new ArrayList<>();
        for (int i = from; i < to; i++) {
            ids.add(unit(i));
        }
        return List.copyOf(ids);
    }
}
