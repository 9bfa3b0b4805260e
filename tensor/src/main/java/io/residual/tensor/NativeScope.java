package io.residual.tensor;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;

/**
 * Owner of the native memory of one piece of work, usually a batch: every tensor made by this thread while the scope is
 * open is freed when it closes, except those handed out through {@link #keep} or {@link #release}.
 *
 * <pre>{@code
 * try (NativeScope scope = NativeScope.inference()) {
 *     float[] y = Tensors.floats(tower.encode(Tensors.of(pixels, 8, 3, 224, 224)));
 * }
 * }</pre>
 *
 * <p>The first scope loads the native libraries (see {@link NativeRuntime#load()}). Scopes nest; close them in the reverse order of opening, on the thread that opened them.
 */
public final class NativeScope implements AutoCloseable {
    static {
        NativeRuntime.prepare();
    }

    private final PointerScope outer;
    private final PointerScope scope;
    private final AutoGradMode gradients;

    private NativeScope(boolean withGradients) {
        NativeRuntime.load();
        outer = PointerScope.getInnerScope();
        // The mode is restored explicitly on close, before the scope frees its memory.
        gradients = new AutoGradMode(withGradients);
        if (outer != null) {
            gradients.retainReference();
            outer.detach(gradients);
        }
        scope = new PointerScope();
    }

    /** A scope in which no gradients are recorded. */
    public static NativeScope inference() {
        return new NativeScope(false);
    }

    /** A scope in which gradients are recorded for tensors that require them. */
    public static NativeScope training() {
        return new NativeScope(true);
    }

    /** A scope within another, for values that are not needed to its end; gradients are recorded or not as before. */
    public static NativeScope nested() {
        return new NativeScope(GradMode.is_enabled());
    }

    /**
     * Lets {@code tensor} outlive this scope. It then belongs to the enclosing scope, or, if there is none, to the
     * caller, who must close it.
     */
    public Tensor keep(Tensor tensor) {
        // A scope holds one reference to each of its pointers; another must exist before the scope's own is given up.
        if (outer != null) {
            outer.attach(tensor);
        } else {
            tensor.retainReference();
        }
        scope.detach(tensor);
        return tensor;
    }

    /** Lets {@code tensor} outlive this scope and every one around it: the caller owns it and must close it. */
    public Tensor release(Tensor tensor) {
        tensor.retainReference();
        scope.detach(tensor);
        return tensor;
    }

    @Override
    public void close() {
        gradients.close();
        scope.close();
    }
}
