package io.residual.examples;

import io.residual.base.Progress;
import io.residual.catalogue.Models;
import io.residual.images.LabelledPictures;
import io.residual.images.PictureFiles;
import io.residual.images.Split;
import io.residual.model.ImageTextModel;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitId;
import java.util.List;

/** A picture's embedding as the sum of what every unit wrote: {@code TakeApart model picture}. */
public final class TakeApart {
    private TakeApart() {}

    public static void main(String[] args) {
        try (ImageTextModel model = Models.open(args[0])) {
            PictureFiles pictures = PictureFiles.of(List.of(args[1]), System.in);
            Trace<Split> trace = new Tracer(model).trace(LabelledPictures.of(pictures), args[1], Progress.silent());
            TraceBlock block = trace.blocks().get(0);
            try (NativeScope scope = NativeScope.inference()) {
                double[] output = Tensors.doubles(block.outputs());
                double[] left = output.clone();
                for (UnitId unit : trace.shape().ids()) {
                    double[] wrote = Tensors.doubles(block.unit(trace.frame(), unit));
                    double share = 0;
                    double norm = 0;
                    for (int i = 0; i < wrote.length; i++) {
                        share += wrote[i] * output[i];
                        norm += output[i] * output[i];
                        left[i] -= wrote[i];
                    }
                    System.out.printf("%-10s %6.1f %% of the embedding%n", unit, 100 * share / norm);
                }
                double largest = 0;
                for (double x : left) {
                    largest = Math.max(largest, Math.abs(x));
                }
                System.out.printf("what the units leave of it: at most %.1e%n", largest);
            }
        }
    }
}
