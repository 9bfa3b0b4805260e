package io.residual.cli;

import io.residual.adapt.Adapter;
import io.residual.adapt.ComponentDesign;
import io.residual.base.InputException;
import io.residual.intervene.Activations;
import io.residual.intervene.Change;
import io.residual.intervene.Interventions.Intervention;
import io.residual.intervene.Interventions.Tokens;
import io.residual.model.ImageTextModel;
import io.residual.model.TextTokenizer.Overlong;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads what becomes of a unit, as {@code intervene} has it. */
final class ChangeReader {
    private final ImageTextModel model;
    private final UnitShape shape;
    private final @Nullable Adapter adapter;
    private final Tokens tokens;
    private final Supplier<Activations> mean;

    /** {@code mean}: of the reference images, computed when a change asks for it. */
    ChangeReader(
            ImageTextModel model,
            UnitShape shape,
            @Nullable Adapter adapter,
            Tokens tokens,
            Supplier<Activations> mean) {
        this.model = model;
        this.shape = shape;
        this.adapter = adapter;
        this.tokens = tokens;
        this.mean = mean;
    }

    /** Reads zero, mean or a factor. {@code where}: the option, for messages. */
    Change change(String what, String where) {
        if (what.equals("zero")) {
            return Change.ZERO;
        }
        if (what.equals("mean")) {
            return new Change.Replace(mean.get());
        }
        try {
            double factor = Double.parseDouble(what);
            if (Double.isFinite(factor)) {
                return new Change.Scale(factor);
            }
        } catch (NumberFormatException e) {
            throw unknown(where, what, e);
        }
        throw unknown(where, what, null);
    }

    /**
     * Reads {@code UNIT=WHAT}.
     *
     * @throws InputException if the unit is unknown, or the change is none that it, the model or the adapter allows
     */
    Intervention intervention(String text) {
        int mark = text.indexOf('=');
        if (mark < 0) {
            throw InputException.at("--change", "'" + text + "'", "UNIT=WHAT, such as L3.H5=zero", "Correct it");
        }
        UnitId unit = shape.named(text.substring(0, mark), "--change");
        String what = text.substring(mark + 1);
        if (what.startsWith("image:")) {
            float[] pixels = InterveneCommand.pixels(model, Path.of(what.substring(6)));
            return new Intervention(unit, new Change.Replace(activations(model, pixels)), tokens);
        }
        if (what.startsWith("steer:")) {
            return new Intervention(unit, alongText(text, what), tokens);
        }
        if (what.startsWith("component:")) {
            return new Intervention(unit, alongComponent(text, what, unit), tokens);
        }
        return new Intervention(unit, change(what, "--change"), tokens);
    }

    private Change alongText(String given, String what) {
        String[] parts = what.split(":", 3);
        if (parts.length < 3 || parts[2].isBlank() || !model.hasText()) {
            throw InputException.at(
                    "--change",
                    "'" + given + "'",
                    "steer:SIZE:TEXT, and a model with a text tower",
                    "Correct it, or take another model");
        }
        float[] t = model.meanDirection(List.of(parts[2]), Overlong.REFUSE);
        double[] direction = new double[t.length];
        for (int j = 0; j < t.length; j++) {
            direction[j] = t[j];
        }
        return new Change.Steer(direction, size(parts[1], what));
    }

    private Change alongComponent(String given, String what, UnitId unit) {
        if (adapter == null) {
            throw InputException.at(
                    "--change", "'" + given + "'", "--adapter, whose components these are", "Give --adapter");
        }
        String[] parts = what.split(":", 3);
        boolean whole = parts.length == 3 && parts[2].matches("\\d{1,6}");
        int wanted = whole ? Integer.parseInt(parts[2]) : -1;
        ComponentDesign.Part part = ComponentDesign.part(adapter, unit, wanted);
        if (part == null) {
            throw InputException.at(
                    "--change",
                    "'" + given + "'",
                    "component:SIZE:K, with a component K of " + unit + " that the adapter weighs",
                    "Name another component");
        }
        return new Change.Steer(part.component(wanted), size(parts[1], what));
    }

    private static double size(String number, String what) {
        try {
            double size = Double.parseDouble(number);
            if (Double.isFinite(size)) {
                return size;
            }
        } catch (NumberFormatException e) {
            throw unknown("--change", what, e);
        }
        throw unknown("--change", what, null);
    }

    private static InputException unknown(String where, String what, @Nullable Exception cause) {
        String expected = "mean, zero or a factor"
                + (where.equals("--change") ? ", image:FILE, steer:SIZE:TEXT or component:SIZE:K" : "");
        return cause == null
                ? InputException.at(where, "'" + what + "'", expected, "Correct it")
                : InputException.at(where, "'" + what + "'", expected, "Correct it", cause);
    }

    private static Activations activations(ImageTextModel model, float[] pixels) {
        try (NativeScope scope = NativeScope.inference()) {
            return Activations.of(
                    model.image(),
                    Tensors.of(
                            pixels,
                            1,
                            3,
                            model.preprocessing().inputHeight(),
                            model.preprocessing().inputWidth()));
        }
    }
}
