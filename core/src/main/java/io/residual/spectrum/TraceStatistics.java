package io.residual.spectrum;

import io.residual.base.Progress;
import io.residual.units.TraceBlock;
import io.residual.units.TraceFolder;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The statistics of every unit, block by block; they add up, so blocks may come from anywhere and in any order. */
public final class TraceStatistics {
    private final Map<UnitId, UnitStatistics> units = new LinkedHashMap<>();

    /** The statistics of a trace on disk, read shard by shard. */
    public static TraceStatistics of(Path folder, Progress progress) {
        TraceStatistics statistics = new TraceStatistics();
        progress.start("statistics", TraceFolder.manifest(folder).shards().size());
        int[] done = new int[1];
        TraceFolder.stream(folder, block -> {
            statistics.add(block);
            progress.at(++done[0]);
        });
        progress.finish();
        return statistics;
    }

    /** Adds a block's images. */
    public TraceStatistics add(TraceBlock block) {
        for (UnitId unit : block.shape().ids()) {
            units.merge(unit, UnitStatistics.of(block, unit), UnitStatistics::plus);
        }
        return this;
    }

    /** Adds what another has seen. */
    public TraceStatistics add(TraceStatistics other) {
        other.units.forEach((unit, statistics) -> units.merge(unit, statistics, UnitStatistics::plus));
        return this;
    }

    /** A unit's statistics so far. */
    public UnitStatistics of(UnitId unit) {
        UnitStatistics statistics = units.get(unit);
        if (statistics == null) {
            throw new IllegalStateException("no images yet, or no unit " + unit);
        }
        return statistics;
    }

    /** The spectra of every unit, in order. */
    public List<Spectrum> spectra(UnitFrame frame) {
        return units.values().stream().map(s -> Pca.of(s, frame)).toList();
    }
}
