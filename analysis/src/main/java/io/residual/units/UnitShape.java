package io.residual.units;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.JsonObject;
import io.residual.units.UnitId.Kind;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The numbers that fix a trace's layout. Units stand in the order: embedding; heads, layer by layer; MLPs, layer by
 * layer.
 *
 * @param layers L
 * @param heads H a layer
 * @param headWidth h
 * @param sharedWidth D
 */
public record UnitShape(int layers, int heads, int headWidth, int sharedWidth) implements Serializable {
    private static final int MOST =
            1 << 16; // layers, heads, widths: far beyond any tower, and no product of two overflows

    private static final Map<String, String> FORMER = Map.of("headWidth", "head_width", "sharedWidth", "shared_width");

    /** Reads the stored form. */
    public static UnitShape of(JsonObject json) {
        JsonObject known = json.renamed(FORMER).only("layers", "heads", "head_width", "shared_width");
        return new UnitShape(
                known.whole("layers", 1, MOST / 2),
                known.whole("heads", 1, MOST / 2),
                known.whole("head_width", 1, MOST),
                known.whole("shared_width", 1, MOST));
    }

    /** The stored form, a part of a document. */
    public ObjectNode json() {
        return Json.object()
                .put("layers", layers)
                .put("heads", heads)
                .put("head_width", headWidth)
                .put("shared_width", sharedWidth);
    }

    /** The number of units, 1 + L·H + L. */
    public int units() {
        return 1 + allHeads() + layers;
    }

    /** The number of heads, L·H. */
    public int allHeads() {
        return layers * heads;
    }

    /** The number of coordinates of a unit per image: h + 2 for a head, D for another unit. */
    public int coordinates(UnitId unit) {
        return unit.kind() == Kind.HEAD ? headWidth + 2 : sharedWidth;
    }

    /** The unit at an index of the order. */
    public UnitId unit(int index) {
        if (index == 0) {
            return new UnitId(Kind.EMBEDDING, 0, 0);
        }
        if (index <= allHeads()) {
            return new UnitId(Kind.HEAD, (index - 1) / heads, (index - 1) % heads);
        }
        return new UnitId(Kind.MLP, index - 1 - allHeads(), 0);
    }

    /** The index of a unit in the order. */
    public int index(UnitId unit) {
        return switch (unit.kind()) {
            case EMBEDDING -> 0;
            case HEAD -> 1 + unit.layer() * heads + unit.head();
            case MLP -> 1 + allHeads() + unit.layer();
        };
    }

    /** Every head, layer by layer. */
    public List<UnitId> headIds() {
        return ids(1, 1 + allHeads());
    }

    /** Every MLP. */
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
