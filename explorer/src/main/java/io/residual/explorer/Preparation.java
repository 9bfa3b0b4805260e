package io.residual.explorer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Progress;
import io.residual.base.Schema;

/** How far the preparation of the pages is. Safe for several threads. */
final class Preparation {
    private volatile String step = "starting";
    private volatile long total;
    private volatile long done;

    /** What is being done. */
    String step() {
        return step;
    }

    /** {@code step}, {@code done} and {@code total}, 0 where it is not known. */
    ObjectNode json() {
        return Schema.EXPLORATION.document().put("step", step).put("done", done).put("total", total);
    }

    /** Receives progress, and hands it on. */
    Progress and(Progress other) {
        return new Progress() {
            @Override
            public void start(String name, long units) {
                done = 0;
                total = units;
                step = name;
                other.start(name, units);
            }

            @Override
            public void at(long finished, String detail) {
                done = finished;
                other.at(finished, detail);
            }

            @Override
            public void finish() {
                other.finish();
            }
        };
    }
}
