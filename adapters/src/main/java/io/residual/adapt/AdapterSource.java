package io.residual.adapt;

import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.base.InputException;
import io.residual.tensor.Finite;
import io.residual.tensor.Tensors;
import io.residual.units.UnitFrame;
import io.residual.weights.SafetensorsFile;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An adapter's file while it is read: what {@link StoredAdapter} handed over, with every number checked, since the file is
 * anybody's.
 *
 * @param frame the model's
 */
record AdapterSource(SafetensorsFile file, AdapterFile.Info info, UnitFrame frame) {
    /** The adapter. */
    Adapter adapter() {
        Method method = Method.named(info.method());
        return switch (method) {
            case BASE -> new Adapter.Identity();
            case FULL ->
                throw InputException.at(
                        file.path(), "full fine-tuning", "a method that has an adapter", "Open its folder as a model");
            case PROBE -> Adapter.Probe.read(this);
            case TIP, TIP_TUNED -> Adapter.Memory.read(this, method);
            case LINEAR, RLA -> Adapter.LinearMap.read(this, method);
            case GDA, TEXT_PROBE, CLAP, LP_PLUS, TASK_RES, CROSS_MODAL, TRANSCLIP_ZERO, TRANSCLIP ->
                TextHead.read(this, method);
            case KERNEL_RIDGE -> KernelVotes.read(this);
            case COARSE -> Adapter.Spectral.read(this, HeadScaleDesign.read(this));
            case HEAD_ABLATION -> Adapter.Spectral.read(this, HeadScaleDesign.readCentred(this));
            case OUTPUT_SPECTRAL -> Adapter.Spectral.read(this, OutputDesign.read(this));
            case HEADS_OFF -> HeadsOff.read(this);
            case RESIDUAL_GDA -> SpectralHead.read(this);
            case RESIDUAL, RESIDUAL_STAR -> Adapter.Spectral.read(this, ComponentDesign.read(this, method));
        };
    }

    /** D. */
    int width() {
        return frame.shape().sharedWidth();
    }

    /** C. */
    int classes() {
        return info.prompts().classes().size();
    }

    /** A tensor's numbers; NaN and infinities would turn every prediction into nothing. */
    float[] floats(String name, long... shape) {
        return Finite.require(Tensors.floats(file.read(name, AdapterFile.REMEDY, shape)), at(name), AdapterFile.REMEDY);
    }

    /** The length of a tensor's first axis, at least 1. */
    int rows(String name) {
        long[] shape = file.info(name).dimensions();
        if (shape.length == 0 || shape[0] < 1 || shape[0] > Integer.MAX_VALUE) {
            throw wrong(name, "shape " + Arrays.toString(shape), "at least one row");
        }
        return (int) shape[0];
    }

    /** The length of the second axis of a tensor that has two, at least 1. */
    int columns(String name) {
        long[] shape = file.info(name).dimensions();
        if (shape.length != 2 || shape[1] < 1 || shape[1] > Integer.MAX_VALUE) {
            throw wrong(name, "shape " + Arrays.toString(shape), "two axes, and at least one column");
        }
        return (int) shape[1];
    }

    /** Whether there is a tensor of this name. */
    boolean has(String name) {
        return file.has(name);
    }

    /** Whole numbers from 0 up to a bound; of any shape if none is given. */
    int[] ints(String name, long below, long... shape) {
        long[] values = shape.length == 0 ? longs(name) : Tensors.longs(file.read(name, AdapterFile.REMEDY, shape));
        int[] narrow = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            if (values[i] < 0 || values[i] >= below) {
                throw wrong(name, String.valueOf(values[i]), "0 to " + (below - 1));
            }
            narrow[i] = (int) values[i];
        }
        return narrow;
    }

    /** Whole numbers as they stand there. */
    long[] longs(String name) {
        return Tensors.longs(file.read(name));
    }

    /** What becomes of the other units. */
    Others others() {
        return one(Others.class, info.others());
    }

    /** What becomes of the means. */
    Means means() {
        return one(Means.class, info.means());
    }

    private <E extends Enum<E>> E one(Class<E> of, @Nullable String value) {
        return Arrays.stream(of.getEnumConstants())
                .filter(constant -> constant.name().equals(value))
                .findFirst()
                .orElseThrow(() -> InputException.at(
                        file.path() + ", '" + of.getSimpleName().toLowerCase(Locale.ROOT) + "'",
                        String.valueOf(value),
                        "one of " + Arrays.toString(of.getEnumConstants()),
                        AdapterFile.REMEDY));
    }

    /** That a tensor says what it cannot. */
    InputException wrong(String name, String found, String expected) {
        return InputException.at(at(name), found, expected, AdapterFile.REMEDY);
    }

    private String at(String name) {
        return file.path() + ", tensor '" + name + "'";
    }
}
