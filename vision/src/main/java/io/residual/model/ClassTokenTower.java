package io.residual.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A tower that is read at its class token, the first, so that one residual stream is all there is to split. */
public final class ClassTokenTower extends ImageTower {
    ClassTokenTower(ImageConfig config, ImageWeights weights, List<HeldHead> held) {
        super(config, weights, held);
    }

    @Override
    public Residuals read(Tensor embedding, List<Tensor> heads, List<Tensor> mlps, Tensor stream) {
        return new Residuals(embedding, heads, mlps, stream, torch.ones(stream.size(0), 1, 1), null, read(stream));
    }

    @Override
    public Tensor read(Tensor stream) {
        Tensor output = weights.post().apply(stream.squeeze(1)); // [b, d]
        Linear projection = weights.projection();
        return projection == null ? output : projection.apply(output);
    }

    @Override
    long leadingRead(long tokens) {
        return 1;
    }

    /** A copy, since a view would keep every token's numbers in memory, and what it views may be overwritten. */
    @Override
    Tensor kept(Tensor x) {
        return x.narrow(1, 0, 1).clone();
    }

    @Override
    public int firstRead() {
        return 0;
    }
}
