package io.residual.spark;

import io.residual.base.Progress;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.model.ImageTextModel;
import io.residual.provenance.ContentHash;
import io.residual.provenance.Provenance;
import io.residual.units.ImageTracer;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitFrame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Traces images on a cluster and gathers the trace on the driver: (L·H·h + (2 + L)·D + 2) · 4 bytes an image. */
final class SparkTracer implements ImageTracer {
    private static final int TOGETHER = 256;

    private final Cluster cluster;
    private final List<Pieces> parts;
    private final ImageTextModel model;
    private final UnitFrame frame;

    /**
     * A tracer.
     *
     * @param parts where images may come from; names are looked for in all of them
     * @param model the driver's own, which traces nothing
     */
    SparkTracer(Cluster cluster, List<Pieces> parts, ImageTextModel model) {
        this.cluster = cluster;
        this.parts = List.copyOf(parts);
        this.model = model;
        this.frame = UnitFrame.of(model.image());
    }

    @Override
    public UnitFrame frame() {
        return frame;
    }

    @Override
    public <S extends Split> Trace<S> trace(LabelledImages<S> images, String origin, Progress progress) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < images.size(); i++) {
            names.add(images.name(i));
        }
        Map<String, Row> found = new HashMap<>();
        List<String> skipped = new ArrayList<>();
        double error = 0;
        for (Pieces part : parts) {
            for (Row row : cluster.rows(
                            part, names, (batch, executor) -> TraceRows.of(batch, executor.tracer()), TraceRows::failed)
                    .collect()) {
                String reason = row.getString(row.length() - 1);
                if (reason != null) {
                    skipped.add(reason);
                } else {
                    found.put(row.getString(0), row);
                    error = Math.max(error, row.getDouble(row.length() - 2));
                }
            }
        }
        ContentHash data = new ContentHash();
        List<Row> rows = new ArrayList<>();
        List<TraceBlock> blocks = new ArrayList<>();
        int traced = 0;
        for (int i = 0; i < images.size(); i++) {
            String name = images.name(i);
            Row row = found.get(name);
            if (row == null) {
                if (skipped.stream().noneMatch(s -> s.startsWith(name + ":"))) {
                    skipped.add(name + ": is there no more");
                }
                continue;
            }
            traced++;
            data.add(row.<byte[]>getAs(2));
            rows.add(RowFactory.create(row.get(0), row.get(1), row.get(3), row.get(4), row.get(5), row.get(6)));
            if (rows.size() == TOGETHER) {
                blocks.add(TraceRows.block(rows, frame.shape()));
                rows.clear();
            }
        }
        if (!rows.isEmpty()) {
            blocks.add(TraceRows.block(rows, frame.shape()));
        }
        Provenance provenance =
                Tracer.Summary.of(model, data, error, origin, traced, skipped).provenance();
        return new Trace<>(frame, blocks, skipped, provenance);
    }
}
