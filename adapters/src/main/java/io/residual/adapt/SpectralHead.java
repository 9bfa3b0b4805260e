package io.residual.adapt;

import io.residual.units.TraceBlock;
import io.residual.zeroshot.Classifier;
import org.bytedeco.pytorch.Tensor;

/**
 * Weighted components and, beside the prompts, a linear classifier of the adapted embeddings: logits are s · f̂ · T + f̂ · W + b with f̂ =
 * ŷ/‖ŷ‖ and ŷ linear in λ. They stay a sum over units and components, as ResiDual's are: the prompts are only joined by W.
 *
 * @param spectral λ of a design
 * @param head W [D, C] and b [C]; its method is the adapter's
 */
public record SpectralHead(Spectral spectral, TextHead head) implements Adapter {
    static SpectralHead read(AdapterSource from) {
        return new SpectralHead(
                Spectral.read(from, ComponentDesign.read(from, Method.RESIDUAL_STAR)),
                TextHead.read(from, Method.RESIDUAL_GDA));
    }

    @Override
    public void store(StoredAdapter to) {
        spectral.store(to);
        head.store(to);
    }

    @Override
    public Method method() {
        return head.method();
    }

    /** The number of λ, class weights and biases. */
    @Override
    public int parameters() {
        return spectral.parameters() + head.parameters();
    }

    @Override
    public Tensor features(TraceBlock block) {
        return spectral.features(block);
    }

    @Override
    public Tensor logits(Tensor features, Classifier classifier) {
        return head.logits(features, classifier);
    }

    @Override
    public Adapter withoutHead() {
        return spectral;
    }

    @Override
    public Adapter interpolated(double t) {
        return new SpectralHead((Spectral) spectral.interpolated(t), (TextHead) head.interpolated(t));
    }
}
