package io.residual.adapt;

import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.zeroshot.Classifier;
import org.bytedeco.pytorch.Tensor;

/**
 * Kernel ridge regression beside the prompts: logits are s · f · T + k(f, f_j) · A over stored embeddings f_j, with the kernel of
 * {@link Adapter.Memory}. That one's votes are α for the class of the stored image; here every stored image votes on every class.
 *
 * @param stored m
 * @param keys embeddings of unit length, [m, D]
 * @param votes A [m, C]
 * @param beta sharpness β of the kernel
 */
public record KernelVotes(int stored, float[] keys, float[] votes, float beta) implements Adapter {
    static KernelVotes read(AdapterSource from) {
        int stored = from.rows("votes");
        return new KernelVotes(
                stored,
                from.floats("keys", stored, from.width()),
                from.floats("votes", stored, from.classes()),
                from.floats("strengths", 1)[0]);
    }

    @Override
    public void store(StoredAdapter to) {
        to.add("keys", keys, stored, keys.length / stored)
                .add("votes", votes, stored, votes.length / stored)
                .add("strengths", new float[] {beta}, 1);
    }

    @Override
    public Method method() {
        return Method.KERNEL_RIDGE;
    }

    /** The number of votes. */
    @Override
    public int parameters() {
        return votes.length;
    }

    @Override
    public Tensor features(TraceBlock block) {
        return block.outputs();
    }

    @Override
    public Tensor logits(Tensor features, Classifier classifier) {
        Tensor similar = Ops.normalise(features)
                .matmul(Tensors.of(keys, stored, keys.length / stored).t());
        Tensor own = Memory.affinity(similar, beta).matmul(Tensors.of(votes, stored, votes.length / stored));
        return classifier.logits(features).add(own);
    }

    @Override
    public Adapter interpolated(double t) {
        float[] scaled = new float[votes.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (float) (t * votes[i]);
        }
        return new KernelVotes(stored, keys, scaled, beta);
    }
}
