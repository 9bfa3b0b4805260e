package io.residual.spectrum;

import io.residual.base.Progress;
import io.residual.units.TraceBlock;
import io.residual.units.TraceFolder;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The statistics of units, block by block; they add up, so blocks may come from anywhere and in any order. */
public final class TraceStatistics implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Set<UnitId> wanted;
    private final Map<UnitId, UnitStatistics> units = new LinkedHashMap<>();

    /** Up to this number, heads are computed one by one. */
    private static final int FEW = 8;

    /** Statistics of every unit. */
    public TraceStatistics() {
        this(Set.of());
    }

    /**
     * Statistics of some units.
     *
     * @param wanted the units; empty for all
     */
    public TraceStatistics(Collection<UnitId> wanted) {
        this.wanted = Set.copyOf(wanted);
    }

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
        return add(List.of(block));
    }

    /** Adds the images of some blocks. */
    public TraceStatistics add(List<TraceBlock> blocks) {
        if (blocks.isEmpty()) {
            return this;
        }
        long heads = wanted.stream().filter(u -> u.kind() == UnitId.Kind.HEAD).count();
        boolean together = wanted.isEmpty() || heads > FEW;
        List<UnitStatistics> ofHeads = together ? HeadStatistics.of(blocks) : List.of();
        boolean first = true;
        for (TraceBlock block : blocks) { // outermost, so that a block on disk is read once
            int head = 0;
            for (UnitId unit : block.shape().ids()) {
                boolean known = together && unit.kind() == UnitId.Kind.HEAD;
                UnitStatistics statistics = known ? ofHeads.get(head++) : null;
                if ((wanted.isEmpty() || wanted.contains(unit)) && (first || !known)) {
                    units.merge(
                            unit,
                            statistics == null ? UnitStatistics.of(block, unit) : statistics,
                            UnitStatistics::plus);
                }
            }
            first = false;
        }
        return this;
    }

    /** Merges the statistics of other images. */
    public TraceStatistics add(TraceStatistics other) {
        other.units.forEach((unit, statistics) -> units.merge(unit, statistics, UnitStatistics::plus));
        return this;
    }

    /** The number of images added so far. */
    public long images() {
        return units.isEmpty() ? 0 : units.values().iterator().next().count();
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
