package io.residual.model;

import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Positions that turn queries and keys (DINOv3; Su et al. 2021, here on a plane): every patch's numbers, in pairs that lie h/2
 * apart, are turned by angles in proportion to the height and width of its centre, both from −1 to 1. Tokens before the
 * patches are not turned.
 *
 * @param base of the frequencies, θ
 */
public record Rotary(double base) {
    /**
     * The turns of one input size.
     *
     * @param cosine [patches, h]
     * @param sine [patches, h], the first half of each row negated, so that one product with swapped halves is left
     */
    public record Turns(Tensor cosine, Tensor sine) {
        /** {@code x} [b, H, t, h], the patches last; gives the same with the patches turned. */
        Tensor apply(Tensor x) {
            long patches = cosine.size(0);
            long leading = x.size(2) - patches;
            long half = x.size(3) / 2;
            Tensor turned = x.narrow(2, leading, patches);
            Tensor swapped = Ops.cat(List.of(turned.narrow(3, half, half), turned.narrow(3, 0, half)), 3);
            Tensor now = turned.mul(cosine).add(swapped.mul(sine));
            return leading == 0 ? now : Ops.cat(List.of(x.narrow(2, 0, leading), now), 2);
        }
    }

    /** The turns of an input of so many patches, for heads h wide; computed as transformers does, in 32 bits. */
    public Turns turns(int rows, int columns, int headWidth) {
        int quarter = headWidth / 4;
        int half = headWidth / 2;
        float[] cosine = new float[rows * columns * headWidth];
        float[] sine = new float[cosine.length];
        float[] frequencies = new float[quarter];
        for (int k = 0; k < quarter; k++) {
            float exponent = (float) (k * 4.0 / headWidth);
            frequencies[k] = 1 / (float) Math.pow((float) base, exponent);
        }
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                float[] centre = {2 * ((y + .5f) / rows) - 1, 2 * ((x + .5f) / columns) - 1};
                for (int k = 0; k < half; k++) {
                    float angle = (float) (2 * Math.PI) * centre[k / quarter] * frequencies[k % quarter];
                    int at = (y * columns + x) * headWidth + k;
                    cosine[at] = cosine[at + half] = (float) Math.cos(angle);
                    sine[at + half] = (float) Math.sin(angle);
                    sine[at] = -sine[at + half];
                }
            }
        }
        long patches = (long) rows * columns;
        return new Turns(Tensors.of(cosine, patches, headWidth), Tensors.of(sine, patches, headWidth));
    }
}
