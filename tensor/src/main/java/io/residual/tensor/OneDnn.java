package io.residual.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Products by oneDNN, which libtorch contains, where they are faster than the BLAS's: on AMD processors, and wherever the BLAS is
 * OpenBLAS, whose threads and PyTorch's wait for one another (docs/decisions/0002-blas.md has measurements). The choice depends on
 * the machine and its libraries alone, so the same work gives the same bytes.
 */
final class OneDnn {
    /** The system property that overrides the choice: {@code onednn} or {@code blas}. */
    static final String PROPERTY = "residual.products";

    /** With fewer rows, oneDNN's reordering of the weights takes longer than it saves. */
    private static final long ROWS = 128;

    /** What libtorch's own compiler calls: a product with a bias and, if asked, an activation. */
    private static final String OPERATION = "mkldnn::_linear_pointwise";

    private static final int SCALARS = 4; // the argument that lists the activation's numbers

    private OneDnn() {}

    /** The operation and the arguments that never change; loaded with the first product. */
    private static final class Operation {
        static final @Nullable Operation FOUND = find();

        private final OperatorHandle handle;
        private final IValue text;
        private final IValue scalars;
        private boolean halves; // whether it multiplies bf16 here: that needs AVX-512 or the like, and it fails without

        private Operation(OperatorHandle handle) {
            this.handle = handle;
            this.text = new IValue("none");
            this.scalars = new IValue(new GenericList(handle.schema()
                    .arguments()
                    .getPointer(Argument.class, SCALARS)
                    .type()
                    .get()
                    .containedType(0)));
            // They outlive the scope in which the first product is made.
            handle.retainReference();
            text.retainReference();
            scalars.retainReference();
        }

        private static @Nullable Operation find() {
            NativeRuntime.load();
            if (!chosen(System.getProperty(PROPERTY, ""), torch.hasMKLDNN(), NativeRuntime.hasMkl(), vendor())) {
                return null;
            }
            try {
                Operation found = new Operation(Dispatcher.singleton().findSchemaOrThrow(OPERATION, ""));
                found.halves = found.multiplies(ScalarType.BFloat16);
                return found.multiplies(ScalarType.Float) ? found : null;
            } catch (RuntimeException e) {
                // a build of libtorch without it; the BLAS computes the same
                System.getLogger(OneDnn.class.getName()).log(System.Logger.Level.DEBUG, "no " + OPERATION, e);
                return null;
            }
        }

        /** Whether a small product of a type succeeds on this processor. */
        private boolean multiplies(ScalarType type) {
            try (NativeScope scope = NativeScope.inference()) {
                Tensor one = torch.ones(2, 16).to(type);
                return call(one, one, null).numel() == 4;
            } catch (RuntimeException e) {
                System.getLogger(OneDnn.class.getName()).log(System.Logger.Level.DEBUG, "no products of " + type, e);
                return false;
            }
        }

        private Tensor call(Tensor x, Tensor weight, @Nullable Tensor bias) {
            // Each holds a reference to its tensor, and so its memory, until it is closed.
            try (IValueVector stack = new IValueVector();
                    IValue input = new IValue(x);
                    IValue weights = new IValue(weight);
                    IValue added = bias == null ? new IValue() : new IValue(bias)) {
                stack.push_back(input);
                stack.push_back(weights);
                stack.push_back(added);
                stack.push_back(text);
                stack.push_back(scalars);
                stack.push_back(text);
                handle.callBoxed(stack);
                return new Tensor(stack.get(0).toTensor()); // what the stack holds goes with it
            }
        }
    }

    /** Whether oneDNN computes products that suit it. */
    static boolean chosen(String property, boolean there, boolean mkl, String vendor) {
        boolean amd = vendor.contains("authenticamd");
        boolean intel = vendor.contains("genuineintel");
        return switch (property.toLowerCase(Locale.ROOT)) {
            case "blas" -> false;
            case "onednn" -> there;
            default -> there && (amd || (intel && !mkl));
        };
    }

    /** The processor's maker as it calls itself, in small letters; empty where the system does not say. */
    private static String vendor() {
        return vendor(Path.of("/proc/cpuinfo"), System.getenv());
    }

    static String vendor(Path processors, Map<String, String> environment) {
        String windows = environment.getOrDefault("PROCESSOR_IDENTIFIER", "");
        try {
            String first = Files.isReadable(processors)
                    ? Files.readAllLines(processors).stream()
                            .filter(line -> line.startsWith("vendor_id"))
                            .findFirst()
                            .orElse(windows)
                    : windows;
            return first.toLowerCase(Locale.ROOT);
        } catch (IOException e) {
            System.getLogger(OneDnn.class.getName()).log(System.Logger.Level.DEBUG, "cannot read " + processors, e);
            return windows.toLowerCase(Locale.ROOT);
        }
    }

    /** Whether {@link #linear} may compute this product, and is the faster way. */
    static boolean suits(Tensor x, Tensor weight) {
        if (GradMode.is_enabled() || x.dim() < 2 || x.numel() < ROWS * weight.size(1)) {
            return false;
        }
        ScalarType type = Tensors.type(x);
        Operation found = Operation.FOUND;
        return found != null
                && (type == ScalarType.Float || (type == ScalarType.BFloat16 && found.halves))
                && Tensors.type(weight) == type
                && weight.is_contiguous();
    }

    /** x Wᵀ (+ b) of what {@link #suits}. {@code x} [..., in], {@code weight} [out, in]; gives [..., out]. */
    static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
        return Objects.requireNonNull(Operation.FOUND).call(x, weight, bias);
    }
}
