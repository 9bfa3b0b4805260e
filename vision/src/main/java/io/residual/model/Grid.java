package io.residual.model;

import io.residual.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.InterpolateFuncOptions;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.kBicubic;

/**
 * Positions that were trained on a square of patches and may be resized to another number of them, as transformers does:
 * bicubic, corners not aligned, the class token's left alone.
 *
 * @param trained [1 + g², d]
 * @param antialias whether the filter widens when it shrinks (DINOv2 with registers), which also changes its coefficients
 */
public record Grid(Tensor trained, boolean antialias) {
    /** The positions of so many patches: [1 + rows · columns, d]. */
    Tensor resized(long rows, long columns) {
        long side = Math.round(Math.sqrt(trained.size(0) - 1.0));
        long d = trained.size(1);
        Tensor square = trained.narrow(0, 1, side * side)
                .view(1, side, side, d)
                .permute(0, 3, 1, 2)
                .contiguous();
        Tensor resized;
        if (antialias) {
            try (InterpolateFuncOptions options = new InterpolateFuncOptions();
                    LongVector size = new LongVector(rows, columns);
                    kBicubic bicubic = new kBicubic()) {
                options.size().put(size);
                options.mode().put(bicubic);
                options.align_corners().put(false);
                options.antialias().put(true);
                resized = torch.interpolate(square, options);
            }
        } else {
            resized = torch.upsample_bicubic2d(
                    square, new long[] {rows, columns}, false, new DoubleOptional(), new DoubleOptional());
        }
        Tensor flat = resized.permute(0, 2, 3, 1).reshape(rows * columns, d);
        return Ops.cat(List.of(trained.narrow(0, 0, 1), flat), 0);
    }
}
