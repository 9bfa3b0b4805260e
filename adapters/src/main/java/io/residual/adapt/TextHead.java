package io.residual.adapt;

import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.zeroshot.Classifier;
import org.bytedeco.pytorch.Tensor;

/**
 * A linear classifier beside the prompts: logits are s · f · T + f · W + b with the embedding f of unit length, so that W = 0
 * and b = 0 is the unadapted model. It is what discriminant analysis, text-started probes, TaskRes, LP++ and TransCLIP have in
 * common; embeddings are not changed.
 *
 * @param method the method that it belongs to
 * @param weight W [D, C]
 * @param bias b [C]
 */
public record TextHead(Method method, float[] weight, float[] bias) implements Adapter {
    static TextHead read(AdapterSource from, Method method) {
        int c = from.classes();
        return new TextHead(method, from.floats("weight", from.width(), c), from.floats("bias", c));
    }

    @Override
    public void store(StoredAdapter to) {
        int c = bias.length;
        to.add("weight", weight, (long) weight.length / c, c).add("bias", bias, c);
    }

    /** The number of class weights, and of biases where the method has some. */
    @Override
    public int parameters() {
        return weight.length + (hasBias() ? bias.length : 0);
    }

    private boolean hasBias() {
        return method == Method.GDA || method == Method.RESIDUAL_GDA || method.readsUnlabelled();
    }

    @Override
    public Tensor features(TraceBlock block) {
        return block.outputs();
    }

    @Override
    public TextHead head() {
        return this;
    }

    @Override
    public Tensor logits(Tensor features, Classifier classifier) {
        Tensor own = Ops.normalise(features).matmul(matrix()).add(Tensors.of(bias, bias.length));
        return classifier.logits(features).add(own);
    }

    /** W [D, C], in this scope's native memory. */
    public Tensor matrix() {
        return Tensors.of(weight, (long) weight.length / bias.length, bias.length);
    }

    @Override
    public Adapter interpolated(double t) {
        return new TextHead(method, scaled(weight, t), scaled(bias, t));
    }

    private static float[] scaled(float[] values, double t) {
        float[] scaled = new float[values.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (float) (t * values[i]);
        }
        return scaled;
    }
}
