package io.residual.audit;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * For each unit and each of some directions, the images to which the unit adds the most along the direction, and the least: what it looks
 * for where it says one class and not another. Blocks are added one by one; memory grows with units and directions, not with images. Heads
 * are projected in their own coordinates, and their units are never formed. For one thread.
 */
final class UnitExtremes {
    /** Images at each end. */
    static final int COUNT = 3;

    private final UnitFrame frame;
    private final List<UnitId> units;
    private final float[] directions;
    private final int ways;
    private final Set<Integer> leftOut;
    private final float[] values; // [unit, way, end, COUNT]; of the low end with its sign changed
    private final int[] images;
    private final float[] maps; // [heads, width, ways], the constant's row last

    /**
     * Extremes that wait for images.
     *
     * @param directions [ways, D]
     * @param leftOut images that are not to be among them
     */
    UnitExtremes(UnitFrame frame, float[] directions, Set<Integer> leftOut) {
        UnitShape shape = frame.shape();
        this.frame = frame;
        this.units = shape.ids();
        this.directions = directions;
        this.ways = directions.length / shape.sharedWidth();
        this.leftOut = leftOut;
        this.values = new float[units.size() * ways * 2 * COUNT];
        this.images = new int[values.length];
        Arrays.fill(values, Float.NEGATIVE_INFINITY);
        Arrays.fill(images, -1);
        this.maps = ways == 0 ? new float[0] : maps();
    }

    /** Each head's coordinates, and a constant after them, to what it adds along the directions. */
    private float[] maps() {
        UnitShape shape = frame.shape();
        try (NativeScope scope = NativeScope.inference()) {
            Tensor along = Tensors.of(directions, ways, shape.sharedWidth()).t();
            List<Tensor> all = new ArrayList<>();
            for (UnitId unit : units) {
                if (unit.kind() == UnitId.Kind.HEAD) {
                    all.add(
                            shape.mapped(unit)
                                    ? frame.map(unit).t().matmul(along)
                                    : torch.cat(new TensorVector(along, torch.zeros(1, ways)), 0));
                }
            }
            return Tensors.floats(
                    torch.stack(new TensorVector(all.toArray(new Tensor[0])), 0).contiguous());
        }
    }

    /**
     * Adds images.
     *
     * @param numbers of the block's images
     * @param weights what each image's units are multiplied by
     */
    void add(TraceBlock block, int[] numbers, double... weights) {
        if (ways == 0) {
            return;
        }
        UnitShape shape = frame.shape();
        int n = block.size();
        int heads = shape.allHeads();
        try (NativeScope scope = NativeScope.inference()) {
            Tensor map = Tensors.of(maps, heads, (long) maps.length / heads / ways, ways);
            Tensor coordinates = torch.cat(
                    new TensorVector(block.headCoordinates(), torch.ones(n, heads, 1)), 2); // [n, heads, width]
            float[] ofHeads =
                    Tensors.floats(coordinates.transpose(0, 1).matmul(map).contiguous()); // [heads, n, ways]
            float[] ofOthers = Tensors.floats(block.others()
                    .matmul(Tensors.of(directions, ways, shape.sharedWidth()).t())
                    .contiguous()); // [n, others, ways]
            int head = 0;
            int other = 0;
            for (int u = 0; u < units.size(); u++) {
                boolean isHead = units.get(u).kind() == UnitId.Kind.HEAD;
                int place = isHead ? head++ : other++;
                for (int i = 0; i < n; i++) {
                    if (!leftOut.contains(numbers[i])) {
                        int at = isHead ? (place * n + i) * ways : (i * shape.others() + place) * ways;
                        for (int w = 0; w < ways; w++) {
                            float value = (float) weights[i] * (isHead ? ofHeads : ofOthers)[at + w];
                            keep((u * ways + w) * 2 * COUNT, value, numbers[i]);
                            keep(((u * ways + w) * 2 + 1) * COUNT, -value, numbers[i]);
                        }
                    }
                }
            }
        }
    }

    private void keep(int from, float value, int image) {
        int place = from + COUNT - 1;
        if (!(value > values[place])) {
            return;
        }
        while (place > from && values[place - 1] < value) {
            values[place] = values[place - 1];
            images[place] = images[place - 1];
            place--;
        }
        values[place] = value;
        images[place] = image;
    }

    /** The images to which a unit, by its place among all, adds the most along a direction; the most first. */
    List<Integer> highest(int unit, int way) {
        return end((unit * ways + way) * 2 * COUNT);
    }

    /** Those to which it adds the least, the least first. */
    List<Integer> lowest(int unit, int way) {
        return end(((unit * ways + way) * 2 + 1) * COUNT);
    }

    private List<Integer> end(int from) {
        return IntStream.range(from, from + COUNT)
                .map(k -> images[k])
                .filter(i -> i >= 0)
                .boxed()
                .toList();
    }
}
