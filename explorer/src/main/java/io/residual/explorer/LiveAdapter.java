package io.residual.explorer;

import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.LiveWeights;
import io.residual.base.InputException;
import io.residual.data.Split;
import io.residual.tensor.NativeScope;
import io.residual.units.Trace;
import io.residual.units.UnitId;
import io.residual.zeroshot.Classifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * An adapter whose weights of components are set by hand, and what it says of validation images under them: numbers in, numbers
 * out. Weights under which logits overflow are refused, and those before them stay. For one thread at a time.
 */
final class LiveAdapter implements AutoCloseable {
    /** λ beyond this would only overflow. */
    private static final double LARGEST = 1e6;

    /** Changes that can be taken back. */
    private static final int REMEMBERED = 50;

    private final Adapter whole; // as it was learned, with the classifier beside the prompts that it may have
    private final Adapter.Spectral learned;
    private final Classifier classifier;
    private final Trace<Split.Validation> validation;
    private final LiveWeights live;
    private final Map<UnitId, int[]> ranges = new HashMap<>(); // from, to of a unit's parameters
    private final int[] start; // classes chosen by what was learned
    private final Deque<Step> steps = new ArrayDeque<>(); // the last ones, the latest first

    /** Weights before a change, and what was changed. */
    private record Step(String what, float[] before) {}

    /**
     * What it says of the validation images.
     *
     * @param confusion [C][C], images by their class and the class that was chosen
     * @param changed how many weights are not as they were learned
     * @param start share of images that it is right on as it was learned
     * @param flips images whose correctness differs from the learned adapter's
     */
    record State(int[][] confusion, int right, int images, int changed, double start, List<Flip> flips) {
        State {
            flips = List.copyOf(flips);
        }

        /** Share of images that it is right on. */
        double accuracy() {
            return (double) right / images;
        }
    }

    /**
     * An image that was right as learned and is wrong now, or the other way round.
     *
     * @param row of the validation images
     * @param now class that is chosen
     * @param learned class that was chosen as learned
     */
    record Flip(int row, int label, int now, int learned) {
        boolean corrected() {
            return now == label;
        }
    }

    /** Weights of a unit's components, as they are and as they were learned. */
    record Weights(float[] now, float[] learned) {}

    /** A component whose weight was set to 0, and its share of the variance along a direction. */
    record Silenced(UnitId unit, int component, double share) {}

    /**
     * An adapter that was learned, unchanged so far.
     *
     * @param name of the adapter, for messages
     * @throws InputException if the adapter has no λ of units, or its logits overflow
     */
    LiveAdapter(AdapterFile file, String name, Trace<Split.Validation> validation) {
        Adapter.Spectral spectral = file.adapter().spectral();
        if (spectral == null || !(spectral.design() instanceof ComponentDesign design)) {
            throw InputException.at(
                    name,
                    file.adapter().method().label(),
                    "ResiDual, ResiDual* or residual-gda, whose components can be turned",
                    "Give such an adapter first, or none to start from the unadapted model");
        }
        this.whole = file.adapter();
        this.learned = spectral;
        this.classifier = file.classifier();
        this.validation = validation;
        this.live = new LiveWeights(spectral, whole.head(), classifier, validation);
        int from = 0;
        for (ComponentDesign.Part part : design.parts()) {
            ranges.put(part.unit(), new int[] {from, from + part.kept()});
            from += part.kept();
        }
        if (overflows()) {
            live.close();
            throw InputException.at(
                    name, "logits that are not finite, or all 0", "finite ones", "Its weights overflow; align again");
        }
        start = chosen();
    }

    private int[] chosen() {
        double[] logits = live.logits();
        int classes = classifier.classes().size();
        int[] chosen = new int[logits.length / classes];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = best(logits, i * classes, classes);
        }
        return chosen;
    }

    /** As it was learned. */
    Adapter learned() {
        return whole;
    }

    /** As it is now. */
    Adapter adapter() {
        return live.adapter();
    }

    /** How many weights there are. */
    int size() {
        return learned.lambdas().length;
    }

    State state() {
        int[] chosen = chosen();
        int classes = classifier.classes().size();
        int[] labels = live.labels();
        int[][] confusion = new int[classes][classes];
        List<Flip> flips = new ArrayList<>();
        int right = 0;
        int first = 0;
        for (int i = 0; i < labels.length; i++) {
            confusion[labels[i]][chosen[i]]++;
            right += chosen[i] == labels[i] ? 1 : 0;
            first += start[i] == labels[i] ? 1 : 0;
            if ((chosen[i] == labels[i]) != (start[i] == labels[i])) {
                flips.add(new Flip(i, labels[i], chosen[i], start[i]));
            }
        }
        float[] now = live.lambdas();
        int changed = 0;
        for (int k = 0; k < now.length; k++) {
            changed += now[k] == learned.lambdas()[k] ? 0 : 1;
        }
        return new State(confusion, right, labels.length, changed, (double) first / labels.length, flips);
    }

    /** λ of a unit's components. */
    Weights unit(String name) {
        int[] range = range(name);
        return new Weights(
                Arrays.copyOfRange(live.lambdas(), range[0], range[1]),
                Arrays.copyOfRange(learned.lambdas(), range[0], range[1]));
    }

    /** Sets one component of a unit. */
    void turn(String unit, int component, double value) {
        int[] range = range(unit);
        if (component < 0 || component >= range[1] - range[0]) {
            throw InputException.at(
                    "component " + component + " of " + unit,
                    "no such component",
                    "0 to " + (range[1] - range[0] - 1),
                    "Correct the number");
        }
        float[] now = live.lambdas();
        now[range[0] + component] = (float) checked(value);
        set(unit + " #" + component, now);
    }

    /** Sets a unit's λ to what was learned times a factor: 0 silences it, 1 gives back what was learned. */
    void scale(String unit, double factor) {
        int[] range = range(unit);
        float[] now = live.lambdas();
        for (int k = range[0]; k < range[1]; k++) {
            now[k] = (float) (checked(factor) * learned.lambdas()[k]);
        }
        set(unit, now);
    }

    /** Sets all λ to 1 + t (λ − 1) of what was learned: 0 is the start, 1 what was learned. */
    void interpolation(double t) {
        set("interpolation", ((Adapter.Spectral) learned.interpolated(checked(t))).lambdas());
    }

    /**
     * Sets the components to 0 that carry most variance along a direction.
     *
     * @param direction [D]
     * @param count how many components
     */
    List<Silenced> silence(double[] direction, int count) {
        double[] carried = live.carrying(direction);
        float[] now = live.lambdas();
        int[] most = IntStream.range(0, now.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer k) -> -carried[k]))
                .limit(count)
                .mapToInt(Integer::intValue)
                .toArray();
        List<Silenced> silenced = new ArrayList<>();
        for (int k : most) {
            now[k] = 0;
            ranges.forEach((unit, range) -> {
                if (k >= range[0] && k < range[1]) {
                    silenced.add(new Silenced(unit, k - range[0], carried[k]));
                }
            });
        }
        set("", now);
        return silenced;
    }

    /** A calibration of it as it is now, on the validation images. */
    Calibration calibrated(double wanted) {
        return Calibration.fit(adapter(), classifier, validation, wanted);
    }

    /** Takes back the last change; changes of the same slider one after another are one. Nothing if there is none. */
    void undo() {
        Step last = steps.poll();
        if (last != null) {
            live.set(last.before());
        }
    }

    /** How many changes can be taken back. */
    int undoable() {
        return steps.size();
    }

    private void set(String what, float... lambdas) {
        float[] before = live.lambdas();
        for (float lambda : lambdas) {
            if (!Float.isFinite(lambda)) {
                throw tooLarge();
            }
        }
        live.set(lambdas);
        if (overflows()) {
            live.set(before);
            throw tooLarge();
        }
        Step last = steps.peek();
        boolean same = !what.isEmpty() && last != null && last.what().equals(what);
        if (!same && !Arrays.equals(before, lambdas)) {
            steps.push(new Step(what, before));
            if (steps.size() > REMEMBERED) {
                steps.removeLast();
            }
        }
    }

    private boolean overflows() {
        return AdapterViews.overflow(live.logits(), classifier.classes().size());
    }

    private static InputException tooLarge() {
        return InputException.at(
                "the weights", "some under which logits overflow or are all 0", "others", "Turn less far");
    }

    private int[] range(String unit) {
        for (Map.Entry<UnitId, int[]> entry : ranges.entrySet()) {
            if (entry.getKey().toString().equals(unit)) {
                return entry.getValue();
            }
        }
        List<String> known = new ArrayList<>();
        ranges.keySet().forEach(id -> known.add(id.toString()));
        known.sort(Comparator.naturalOrder());
        throw InputException.at(
                "unit '" + unit + "'",
                "none that the adapter weighs",
                "one of " + known.size() + " such as " + known.get(0),
                "Correct the name");
    }

    private static double checked(double value) {
        if (!(Math.abs(value) <= LARGEST)) {
            throw InputException.at("a weight", String.valueOf(value), "-1,000,000 to 1,000,000", "Correct it");
        }
        return value;
    }

    private static int best(double[] logits, int from, int classes) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            best = logits[from + c] > logits[from + best] ? c : best;
        }
        return best;
    }

    @Override
    public void close() {
        try (NativeScope scope = NativeScope.inference()) {
            live.close();
        }
    }
}
