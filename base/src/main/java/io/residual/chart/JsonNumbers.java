package io.residual.chart;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Numbers in JSON, which knows neither NaN nor infinities. */
public final class JsonNumbers {
    private JsonNumbers() {}

    /** Puts a number, or null where it is none. */
    public static void put(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }
}
