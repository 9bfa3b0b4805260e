package io.residual.units;

import io.residual.data.Split;
import io.residual.provenance.Provenance;
import io.residual.tensor.NativeScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The traced images of one split, block by block. The numbers of a large trace stay on disk: its blocks are handles, and each access to a
 * block's numbers reads them anew ({@link TraceBlock}). So go over blocks once, and hold what was computed and not what was read.
 *
 * @param <S> the split; it comes with the images and cannot be changed
 * @param skipped images that could not be read, with the reason
 */
@SuppressWarnings("UnusedTypeParameter") // a phantom: it says which split, and that is all
public record Trace<S extends Split>(
        UnitFrame frame, List<TraceBlock> blocks, List<String> skipped, Provenance provenance) {
    public Trace {
        blocks = List.copyOf(blocks);
        skipped = List.copyOf(skipped);
    }

    /** The layout of the units. */
    public UnitShape shape() {
        return frame.shape();
    }

    /** The number of images. */
    public int size() {
        return blocks.stream().mapToInt(TraceBlock::size).sum();
    }

    /** The largest difference between the units' sum and the output, relative to the output's largest number. */
    public double decompositionError() {
        double largest = 0;
        for (TraceBlock block : blocks) {
            try (NativeScope scope = NativeScope.inference()) {
                largest = Math.max(largest, block.decompositionError(frame));
            }
        }
        return largest;
    }

    /** The class indices of all images, in order. */
    public int[] labels() {
        return blocks.stream().flatMapToInt(b -> IntStream.of(b.labels())).toArray();
    }

    /** The names of all images, in order. */
    public List<String> names() {
        return blocks.stream().flatMap(b -> b.names().stream()).toList();
    }

    /** Some of the images, which stay in this split. {@code rows} are ascending positions in the trace. */
    public Trace<S> some(int... rows) {
        List<TraceBlock> parts = new ArrayList<>();
        int first = 0;
        for (TraceBlock block : blocks) {
            int from = first;
            int to = from + block.size();
            int[] inside = Arrays.stream(rows)
                    .filter(r -> r >= from && r < to)
                    .map(r -> r - from)
                    .toArray();
            if (inside.length > 0) {
                parts.add(block.some(inside));
            }
            first = to;
        }
        return new Trace<>(frame, parts, skipped, provenance);
    }
}
