package io.residual.explorer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.predict.LogitMap;
import io.residual.units.UnitId;
import io.residual.where.TokenMap;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Maps of decisions as pages hold them: one row of signed bytes for each unit that reads patches, with a scale for each row.
 * The page holds a bounded number of bytes of maps; what does not fit is left out and counted.
 */
final class ImageMaps {
    /** Bytes of all maps of a page, before they are encoded. */
    static final int BYTES = 1_500_000;

    private static final int STEPS = 127;

    private int left = BYTES;
    private int omitted;

    /** Whether the map of so many patches and units still fits; counts it as left out otherwise. */
    boolean fits(int patches, int units) {
        long needed = (long) patches * (units + 2);
        if (needed > left) {
            omitted++;
            return false;
        }
        left -= (int) needed;
        return true;
    }

    /** How many maps were left out. */
    int omitted() {
        return omitted;
    }

    /**
     * Adds a map: {@code rows}, {@code columns}, {@code units} (indices), {@code scale} (logits for 127 steps, of each row),
     * {@code bytes} (base64), {@code elsewhere} and {@code elsewhere_before} (logits on no patch), {@code error}. Its rows are all
     * units with the adapter, all units without, then each unit of {@code units} with the adapter.
     */
    static void write(ObjectNode target, LogitMap map) {
        TokenMap after = map.after();
        ArrayNode units = target.put("rows", after.rows())
                .put("columns", after.columns())
                .put("elsewhere", UnitViews.rounded(after.elsewhere() + map.constantAfter()))
                .put("elsewhere_before", UnitViews.rounded(map.before().elsewhere() + map.constantBefore()))
                .put("error", map.error())
                .putArray("units");
        ArrayNode scale = target.putArray("scale");
        int patches = after.rows() * after.columns();
        List<UnitId> ids = after.shape().ids();
        byte[] bytes = new byte[patches * (ids.size() + 2)];
        int at = 0;
        at = row(bytes, at, scale, after.patches(after.all()));
        at = row(bytes, at, scale, map.before().patches(map.before().all()));
        for (int u = 0; u < ids.size(); u++) {
            double[] values = after.patches(after.of(ids.get(u)));
            if (Arrays.stream(values).anyMatch(v -> v != 0)) { // MLPs of a class token write at no patch
                units.add(u);
                at = row(bytes, at, scale, values);
            }
        }
        target.put("bytes", Base64.getEncoder().encodeToString(Arrays.copyOf(bytes, at)));
    }

    private static int row(byte[] bytes, int from, ArrayNode scale, double... values) {
        double largest = Arrays.stream(values).map(Math::abs).max().orElse(0);
        for (int i = 0; i < values.length; i++) {
            bytes[from + i] = (byte) (largest == 0 ? 0 : Math.round(values[i] / largest * STEPS));
        }
        scale.add((float) largest);
        return from + values.length;
    }
}
