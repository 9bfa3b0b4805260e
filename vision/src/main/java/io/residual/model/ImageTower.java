package io.residual.model;

import io.residual.base.InputException;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/**
 * The image tower: a vision transformer whose embedding is read from residual streams, each a sum of what the embedding, every
 * attention head and every MLP wrote into it (Dosovitskiy et al. 2021; Radford et al. 2021).
 *
 * <p>Axes: b images, t tokens, d residual width, H heads, h head width, L layers, D shared width, P pooling heads.
 */
public abstract sealed class ImageTower permits ClassTokenTower, PooledTower {
    /** Tokens of a batch. Twice and half as many were as fast or slower (docs/performance.md). */
    private static final int TOKENS = 2048;

    final ImageConfig config;
    final ImageWeights weights;
    private final List<HeldHead> held;

    ImageTower(ImageConfig config, ImageWeights weights, List<HeldHead> held) {
        this.config = config;
        this.weights = weights;
        this.held = List.copyOf(held);
    }

    /** A tower of some weights, which are its owner's. */
    public static ImageTower of(ImageConfig config, ImageWeights weights) {
        return of(config, weights, List.of());
    }

    private static ImageTower of(ImageConfig config, ImageWeights weights, List<HeldHead> held) {
        return weights.readout() instanceof Readout.ClassToken
                ? new ClassTokenTower(config, weights, held)
                : new PooledTower(config, weights, held);
    }

    /** A tower of the same weights that holds some heads in every pass; heads that this one holds are not held there. */
    public ImageTower holding(List<HeldHead> heads) {
        return of(config, weights, heads);
    }

    /** The heads that are held in every pass. */
    public List<HeldHead> held() {
        return held;
    }

    /** What a layer's heads read, those that are held included. {@code z} [b, q, d], of the leading tokens; gives the same shape. */
    final Tensor held(int layer, Tensor z) {
        List<HeldHead> some =
                held.stream().filter(head -> head.layer() == layer).toList();
        if (some.isEmpty()) {
            return z;
        }
        Tensor now = z.clone();
        int h = config.headWidth();
        for (HeldHead head : some) {
            Tensor own = now.narrow(2, (long) head.head() * h, h);
            Tensor rest = Ops.scale(own, head.factor());
            own.copy_(head.adds() ? rest.add(constant(head, z.size(1))) : rest);
        }
        return now;
    }

    /** What is added to a held head at the leading tokens, [q, h]. */
    private Tensor constant(HeldHead head, long tokens) {
        int h = config.headWidth();
        long known = head.constant().length / h;
        if (tokens > known) {
            throw InputException.at(
                    "a head held at its mean",
                    "images of " + tokens + " tokens",
                    "of " + known + ", as those that the mean was taken over",
                    "Give images of the model's usual size");
        }
        return Tensors.of(head.constant(), known, h).narrow(0, 0, tokens);
    }

    /** The tower's shape. */
    public ImageConfig config() {
        return config;
    }

    /** Images a forward pass: few enough tokens to stay near the processor, and enough for products at full speed. */
    public int batch() {
        return Math.max(4, Math.min(64, TOKENS / (int) (weights.embedding().leading() + config.patches())));
    }

    /** The tower's weights. */
    public ImageWeights weights() {
        return weights;
    }

    /** The image embeddings, before any normalisation. {@code pixels} [b, 3, S, S]; gives [b, D]. */
    public Tensor encode(Tensor pixels) {
        return trace(pixels).output();
    }

    /** The image embeddings and all that was written into the residual streams that they are read from. */
    public Residuals trace(Tensor pixels) {
        return trace(pixels, PassHooks.NONE);
    }

    /** As {@link #trace(Tensor)}, watched or changed on the way. */
    public Residuals trace(Tensor pixels, PassHooks hooks) {
        return Pass.run(this, pixels, hooks, false, fork -> {});
    }

    /** As {@link #trace(Tensor)}, computing every token of the last block, whether it is read or not. */
    public Residuals traceInFull(Tensor pixels) {
        return traceInFull(pixels, PassHooks.NONE);
    }

    /** As {@link #traceInFull(Tensor)}, watched or changed on the way. */
    public Residuals traceInFull(Tensor pixels, PassHooks hooks) {
        return Pass.run(this, pixels, hooks, true, fork -> {});
    }

    /**
     * The plain pass, which halts at every layer to be continued from there with something else written.
     *
     * @param visitor called layer by layer, within a scope of its own for native memory
     */
    public Residuals forks(Tensor pixels, Consumer<Fork> visitor) {
        return Pass.run(this, pixels, PassHooks.NONE, false, visitor);
    }

    /** Whether the embedding is read from the class token alone. */
    public boolean readsOneToken() {
        return weights.readout() instanceof Readout.ClassToken;
    }

    /** What a model would answer if its streams ended so. {@code stream} [b, t, d], of the tokens that are read; gives [b, D]. */
    public abstract Tensor read(Tensor stream);

    /** The embeddings that are read at the end of the streams, with what was written into them. */
    public abstract Residuals read(Tensor embedding, List<Tensor> heads, List<Tensor> mlps, Tensor stream);

    /** How many leading tokens hold all that are read. */
    abstract long leadingRead(long tokens);

    /** The tokens that the embedding is read from, of what is not overwritten. {@code x} [b, q, d]; gives [b, t, d]. */
    abstract Tensor kept(Tensor x);

    /** The first of the tokens that the embedding is read from. */
    public abstract int firstRead();

    /** How the tokens of these images attend to one another. */
    final Attention attention(Tensor pixels) {
        Rotary rotary = weights.rotary();
        int p = config.patchSize();
        return rotary == null
                ? Attention.full(config.heads())
                : Attention.turned(
                        config.heads(),
                        rotary.turns((int) (pixels.size(2) / p), (int) (pixels.size(3) / p), config.headWidth()));
    }
}
