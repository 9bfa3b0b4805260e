package io.residual.predict;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.units.UnitId;
import io.residual.where.TokenMap;
import java.util.Arrays;
import java.util.List;

/**
 * Where in an image a difference of logits comes from, as exact sums over units × tokens, in the unadapted model and with an
 * adapter. An adapter is linear in units, so it changes each unit's map and adds a constant.
 *
 * @param image its name
 * @param what is split, such as the difference of two classes' logits
 * @param before in the unadapted model
 * @param after with the adapter
 * @param constantBefore what belongs to no unit in the unadapted model
 * @param constantAfter what the adapter adds whatever the image shows
 * @param error the largest |sum − logits' difference|, before and after
 */
public record LogitMap(
        String image,
        String what,
        TokenMap before,
        TokenMap after,
        double constantBefore,
        double constantAfter,
        double error) {

    /** Of one unit alone: the parts of all others, and the constants, are left out. */
    public LogitMap of(UnitId unit) {
        return new LogitMap(image, unit + " in the " + what, before.only(unit), after.only(unit), 0, 0, error);
    }

    /**
     * As JSON: for before and after the total, the map of all units together, and what falls on no patch.
     *
     * @param units whether every unit's map is there, too
     */
    public ObjectNode json(boolean units) {
        return filled(Json.object(), units);
    }

    /** The same as a document of its own. */
    public ObjectNode document(boolean units) {
        return filled(Schema.IMAGE_MAP.document(), units);
    }

    private ObjectNode filled(ObjectNode root, boolean units) {
        root.put("image", image)
                .put("what", what)
                .put("rows", before.rows())
                .put("columns", before.columns())
                .put("error", error);
        root.set("before", json(before, constantBefore, units));
        root.set("after", json(after, constantAfter, units));
        return root;
    }

    private static ObjectNode json(TokenMap map, double constant, boolean units) {
        double[] all = map.all();
        ObjectNode node = Json.object().put("total", map.total() + constant);
        node.set("patches", rows(map, map.patches(all)));
        node.set("tokens_before_patches", Json.of(Arrays.copyOf(all, map.leading())));
        node.put("constants", Arrays.stream(map.constants()).sum() + constant);
        if (units) {
            List<UnitId> ids = map.shape().ids();
            ArrayNode each = node.putArray("units");
            for (UnitId unit : ids) {
                double[] tokens = map.of(unit);
                ObjectNode one = each.addObject().put("unit", unit.toString());
                one.set("patches", rows(map, map.patches(tokens)));
                one.set("tokens_before_patches", Json.of(Arrays.copyOf(tokens, map.leading())));
                one.put("constant", map.constant(unit));
            }
        }
        return node;
    }

    private static ArrayNode rows(TokenMap map, double... patches) {
        ArrayNode rows = Json.array();
        for (int r = 0; r < map.rows(); r++) {
            rows.add(Json.of(Arrays.copyOfRange(patches, r * map.columns(), (r + 1) * map.columns())));
        }
        return rows;
    }

    /** As numbers [2, U, T + 1]: before and after; units in order; tokens in order and then the unit's constant. */
    public float[] numbers() {
        int tokens = before.tokens();
        int units = before.constants().length;
        float[] all = new float[2 * units * (tokens + 1)];
        int at = 0;
        for (TokenMap map : List.of(before, after)) {
            for (int u = 0; u < units; u++) {
                for (int t = 0; t < tokens; t++) {
                    all[at++] = (float) map.parts()[u * tokens + t];
                }
                all[at++] = (float) map.constants()[u];
            }
        }
        return all;
    }
}
