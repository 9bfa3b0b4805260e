package io.residual.spectrum;

import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The statistics of all heads of a block at once: one batched product, with a column of ones for the sums. Coordinates are
 * taken relative to the first image's, so that a head that does not vary has a scatter of exactly 0.
 */
final class HeadStatistics {
    /** Images at a time. */
    private static final int IMAGES = 256;

    /** Numbers at a time, of some heads: 1 MB, which stays in the second-level cache between widening and multiplying. */
    private static final int NUMBERS = 1 << 17;

    private HeadStatistics() {}

    /** Every head's statistics over all images of some blocks, in order. */
    static List<UnitStatistics> of(List<TraceBlock> blocks) {
        UnitShape shape = blocks.get(0).shape();
        List<UnitId> heads = shape.headIds();
        int all = heads.size();
        int h = shape.keptOfHead();
        int shared = shape.keptOfNorm();
        int m = h + shared;
        int n = blocks.stream().mapToInt(TraceBlock::size).sum();
        try (NativeScope scope = NativeScope.inference()) {
            Tensor origin = torch.zeros(all, 1, m).to(ScalarType.Double); // of the first image
            int images = Math.min(n, IMAGES);
            int together = Math.min(all, Math.max(1, NUMBERS / (images * (m + 1))));
            Tensor room = torch.ones(together, images, m + 1L).to(ScalarType.Double);
            Tensor products = torch.zeros(all, m + 1L, m + 1L).to(ScalarType.Double);
            int seen = 0;
            for (TraceBlock block : blocks) {
                for (int from = 0; from < block.size(); from += IMAGES) {
                    try (NativeScope inner = NativeScope.inference()) {
                        int size = Math.min(IMAGES, block.size() - from);
                        Tensor values = block.headValues(from, from + size); // [size, L·H, h]
                        Tensor norms = block.normValues(from, from + size).unsqueeze(0); // [1, size, 2]
                        for (int head = 0; head < all; head += together) {
                            int some = Math.min(together, all - head);
                            Tensor rows = room.narrow(0, 0, some).narrow(1, 0, size); // [some, size, m + 1], the last 1
                            rows.narrow(2, 0, h)
                                    .copy_(values.narrow(1, head, some).transpose(0, 1));
                            rows.narrow(2, h, shared).copy_(norms);
                            Tensor first = origin.narrow(0, head, some);
                            if (seen == 0) {
                                first.copy_(rows.narrow(1, 0, 1).narrow(2, 0, m));
                            }
                            rows.narrow(2, 0, m).sub_(first);
                            products.narrow(0, head, some).baddbmm_(rows.transpose(1, 2), rows);
                        }
                        seen += size;
                    }
                }
            }
            Tensor shift = Ops.scale(products.narrow(1, m, 1).narrow(2, 0, m), 1.0 / Math.max(1, n)); // [L·H, 1, m]
            double[] means = Tensors.doubles(origin.add(shift));
            double[] scatters = Tensors.doubles(products.narrow(1, 0, m)
                    .narrow(2, 0, m)
                    .sub(Ops.scale(shift.transpose(1, 2).matmul(shift), n)));
            List<UnitStatistics> statistics = new ArrayList<>();
            for (int i = 0; i < all; i++) {
                statistics.add(new UnitStatistics(
                        heads.get(i),
                        n,
                        Arrays.copyOfRange(means, i * m, (i + 1) * m),
                        Arrays.copyOfRange(scatters, i * m * m, (i + 1) * m * m)));
            }
            return statistics;
        }
    }
}
