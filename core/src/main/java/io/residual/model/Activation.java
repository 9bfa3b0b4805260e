package io.residual.model;

import io.residual.base.InputException;
import io.residual.tensor.Ops;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The non-linearity between an MLP's two layers. The wrong one costs points of accuracy and says nothing. */
public enum Activation {
    /** x Φ(x), with the error function; OpenCLIP's LAION weights, BLIP, DINOv2, ViT. */
    GELU {
        @Override
        Tensor apply(Tensor x) {
            return torch.gelu(x);
        }
    },
    /** x σ(1.702 x); OpenAI's CLIP weights. */
    QUICK_GELU {
        @Override
        Tensor apply(Tensor x) {
            return x.mul(torch.sigmoid(Ops.scale(x, 1.702)));
        }
    };

    abstract Tensor apply(Tensor x);

    /** The activation that a Hugging Face configuration calls {@code name}. */
    static Activation named(String name, Object where) {
        return switch (name) {
            case "gelu", "gelu_python" -> GELU;
            case "quick_gelu" -> QUICK_GELU;
            default ->
                throw InputException.at(
                        where, "activation '" + name + "'", "gelu or quick_gelu", "This model cannot be loaded");
        };
    }

    /** Hugging Face's name for it. */
    String configName() {
        return this == GELU ? "gelu" : "quick_gelu";
    }
}
