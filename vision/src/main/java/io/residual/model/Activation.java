package io.residual.model;

import io.residual.base.InputException;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The non-linearity between an MLP's two layers. The wrong one costs points of accuracy and says nothing. */
public enum Activation {
    /** x Φ(x), with the error function; OpenCLIP's LAION weights, BLIP, DINOv2, ViT. */
    GELU {
        @Override
        Tensor apply(Tensor x) {
            return torch.gelu(x);
        }

        @Override
        void overwrite(Tensor x) {
            torch.gelu_(x);
        }
    },
    /** x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))), close to GELU; SigLIP. */
    TANH_GELU {
        @Override
        Tensor apply(Tensor x) {
            return torch.gelu(x, "tanh");
        }

        @Override
        void overwrite(Tensor x) {
            if (Tensors.type(x) != ScalarType.Float) { // what rounds to 16 bits does so once, inside
                torch.gelu_(x, "tanh");
                return;
            }
            // x σ(2u) is the same, u the tanh's argument, and costs two thirds, in pieces that stay near the processor.
            Tensor all = x.view(-1);
            Tensor room = Tensors.empty(Tensors.type(x), Math.min(PIECE, all.size(0)));
            for (long from = 0; from < all.size(0); from += PIECE) {
                try (NativeScope scope = NativeScope.nested()) {
                    Tensor piece = all.narrow(0, from, Math.min(PIECE, all.size(0) - from));
                    Tensor gate = room.narrow(0, 0, piece.size(0));
                    torch.mul_out(gate, piece, piece);
                    torch.addcmul_out(gate, piece, piece, gate, new Scalar(0.044715)); // x + 0.044715 x³
                    gate.mul_(new Scalar(2 * Math.sqrt(2 / Math.PI))).sigmoid_();
                    piece.mul_(gate);
                }
            }
        }
    },
    /** x σ(x); the gates of DINOv2's and DINOv3's largest models. */
    SILU {
        @Override
        Tensor apply(Tensor x) {
            return torch.silu(x);
        }

        @Override
        void overwrite(Tensor x) {
            torch.silu_(x);
        }
    },
    /** x σ(1.702 x); OpenAI's CLIP weights. */
    QUICK_GELU {
        @Override
        Tensor apply(Tensor x) {
            return x.mul(torch.sigmoid(Ops.scale(x, 1.702)));
        }

        @Override
        void overwrite(Tensor x) {
            // y σ(y) of y = 1.702 x, over 1.702: three passes over memory instead of six.
            torch.silu_(x.mul_(new Scalar(1.702))).mul_(new Scalar(1 / 1.702));
        }
    };

    /** Numbers that are overwritten together: 1 MB of floats. */
    private static final long PIECE = 1 << 18;

    abstract Tensor apply(Tensor x);

    /** Overwrites x with the result. */
    abstract void overwrite(Tensor x);

    /** The result, in place of x unless gradients are recorded, which need x. */
    Tensor inPlace(Tensor x) {
        if (GradMode.is_enabled()) {
            return apply(x);
        }
        overwrite(x);
        return x;
    }

    /** The activation that a Hugging Face configuration calls {@code name}. */
    static Activation named(String name, Object where) {
        return switch (name) {
            case "gelu", "gelu_python" -> GELU;
            case "gelu_pytorch_tanh", "gelu_new", "gelu_fast" -> TANH_GELU;
            case "quick_gelu" -> QUICK_GELU;
            case "silu", "swish" -> SILU;
            default ->
                throw InputException.at(
                        where,
                        "activation '" + name + "'",
                        "gelu, gelu_pytorch_tanh, quick_gelu or silu",
                        "This model cannot be loaded");
        };
    }

    /** Its name in Hugging Face's configurations. */
    String configName() {
        return switch (this) {
            case GELU -> "gelu";
            case TANH_GELU -> "gelu_pytorch_tanh";
            case SILU -> "silu";
            case QUICK_GELU -> "quick_gelu";
        };
    }
}
