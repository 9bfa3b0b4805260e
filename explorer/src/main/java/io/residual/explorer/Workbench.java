package io.residual.explorer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.LiveWeights;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.images.Image;
import io.residual.images.Preprocessing;
import io.residual.model.TextTokenizer.Overlong;
import io.residual.predict.Explainer;
import io.residual.provenance.Provenance;
import io.residual.tensor.NativeScope;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An adapter on the bench: its λ can be turned, a component, a head or all of them at a time, and accuracy, confusion and
 * single images follow. Everything is seen on validation images. Safe for several threads, one at a time.
 */
public final class Workbench implements AutoCloseable {
    /** λ beyond this would only overflow. */
    private static final double LARGEST = 1e6;

    /** Images of one's own that are kept, the last ones. */
    private static final int KEPT = 32;

    private final ReportSource source;
    private final ReportSource.Named named;
    private final Adapter.Spectral learned;
    private final Path folder;
    private final LiveWeights live;
    private final Tracer tracer;
    private final Map<UnitId, int[]> ranges = new HashMap<>(); // from, to of a unit's parameters
    private final List<ImageViews.Shown> shown;
    private final TreeMap<Integer, TraceBlock> own = new TreeMap<>();
    private final ImageViews views = new ImageViews();
    private int uploads;

    /**
     * A bench for the first adapter of a source.
     *
     * @param folder where edited adapters are saved
     * @throws InputException if the adapter has no λ of units
     */
    public Workbench(ReportSource source, Path folder) {
        this.source = source;
        this.named = source.adapters().get(0);
        if (!(named.file().adapter() instanceof Adapter.Spectral spectral)
                || !(spectral.design() instanceof ComponentDesign design)) {
            throw InputException.at(
                    named.name(),
                    named.file().adapter().method().label(),
                    "ResiDual or ResiDual*, whose components can be turned",
                    "Give such an adapter first, or none to start from the unadapted model");
        }
        this.learned = spectral;
        this.folder = folder;
        this.tracer = new Tracer(source.model());
        this.live = new LiveWeights(spectral, named.file().classifier(), source.validation());
        int from = 0;
        for (ComponentDesign.Part part : design.parts()) {
            ranges.put(part.unit(), new int[] {from, from + part.kept()});
            from += part.kept();
        }
        if (overflows()) {
            live.close();
            throw InputException.at(
                    named.name(),
                    "logits that are not finite, or all 0",
                    "finite ones",
                    "Its weights overflow; align again");
        }
        this.shown = ImageViews.choose(
                new Explainer(tracer.frame(), spectral, named.file().classifier()),
                source.validation(),
                Progress.silent());
    }

    /** Where things stand. */
    public synchronized ObjectNode state() {
        long start = System.nanoTime();
        double[] logits = live.logits();
        int classes = named.file().classifier().classes().size();
        int[] labels = live.labels();
        int[][] confusion = new int[classes][classes];
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            int chosen = best(logits, i * classes, classes);
            confusion[labels[i]][chosen]++;
            right += chosen == labels[i] ? 1 : 0;
        }
        ObjectNode node = Json.object();
        node.put("accuracy", (double) right / labels.length).put("images", labels.length);
        AdapterViews.confusion(node, confusion);
        float[] now = live.lambdas();
        int changed = 0;
        for (int k = 0; k < now.length; k++) {
            changed += now[k] == learned.lambdas()[k] ? 0 : 1;
        }
        node.put("changed", changed).put("milliseconds", (System.nanoTime() - start) / 1e6);
        return node;
    }

    /** λ of a unit's components as they are now and as they were learned. */
    public synchronized ObjectNode unit(String name) {
        int[] range = range(name);
        float[] now = live.lambdas();
        ObjectNode node = Json.object().put("unit", name);
        ArrayNode values = node.putArray("lambda");
        ArrayNode were = node.putArray("learned");
        for (int k = range[0]; k < range[1]; k++) {
            values.add(now[k]);
            were.add(learned.lambdas()[k]);
        }
        return node;
    }

    /** Turns one component of a unit. */
    public synchronized ObjectNode turn(String unit, int component, double value) {
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
        return timed(now);
    }

    /** Sets a unit's λ to what was learned times a factor: 0 silences it, 1 gives back what was learned. */
    public synchronized ObjectNode scale(String unit, double factor) {
        int[] range = range(unit);
        float[] now = live.lambdas();
        for (int k = range[0]; k < range[1]; k++) {
            now[k] = (float) (checked(factor) * learned.lambdas()[k]);
        }
        return timed(now);
    }

    /** Sets all λ to 1 + t (λ − 1) of what was learned: 0 is the start, 1 what was learned. */
    public synchronized ObjectNode interpolation(double t) {
        checked(t);
        return timed(((Adapter.Spectral) learned.interpolated(t)).lambdas());
    }

    /**
     * Silences the components that carry most of what a text says: those with most variance along the text's direction,
     * measured from the dictionary's mean, which all texts share.
     *
     * @param count how many components
     * @return what was silenced, with each one's share of the variance along the text, and the state
     */
    public synchronized ObjectNode suppress(String text, int count) {
        if (text.isBlank() || text.length() > 500) {
            throw InputException.at("the text", text.length() + " characters", "1 to 500", "Give a short sentence");
        }
        if (!source.model().hasText()) {
            throw InputException.at(
                    source.model().folder(),
                    "a model without texts",
                    "one that knows texts",
                    "Turn components instead");
        }
        float[] now = live.lambdas();
        if (count < 1 || count > now.length) {
            throw InputException.at("count", String.valueOf(count), "1 to " + now.length, "Correct the number");
        }
        double[] carried = live.carrying(direction(text));
        int[] most = IntStream.range(0, now.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer k) -> -carried[k]))
                .limit(count)
                .mapToInt(Integer::intValue)
                .toArray();
        ArrayNode silenced = Json.array();
        for (int k : most) {
            now[k] = 0;
            ranges.forEach((unit, range) -> {
                if (k >= range[0] && k < range[1]) {
                    silenced.addObject()
                            .put("unit", unit.toString())
                            .put("component", k - range[0])
                            .put("share", carried[k]);
                }
            });
        }
        ObjectNode node = timed(now);
        node.set("silenced", silenced);
        return node;
    }

    private double[] direction(String text) {
        float[] encoded = source.model().encodeTexts(List.of(text), Overlong.CUT);
        double[] direction = new double[encoded.length];
        var dictionary = source.dictionary();
        for (int j = 0; j < encoded.length; j++) {
            direction[j] = encoded[j];
        }
        double length =
                Math.sqrt(java.util.Arrays.stream(direction).map(x -> x * x).sum());
        for (int j = 0; j < direction.length; j++) {
            direction[j] /= length;
        }
        if (dictionary != null) {
            int count = dictionary.texts().size();
            for (int i = 0; i < count; i++) {
                for (int j = 0; j < direction.length; j++) {
                    direction[j] -= dictionary.directions()[i * direction.length + j] / count;
                }
            }
        }
        return direction;
    }

    /** One of the images that the report shows, taken apart with λ as they are now. */
    public synchronized ObjectNode image(int index) {
        if (index < 0 || index >= shown.size()) {
            throw InputException.at("image " + index, "no such image", "0 to " + (shown.size() - 1), "Correct it");
        }
        ImageViews.Shown one = shown.get(index);
        TraceBlock block = source.validation().blocks().get(one.block());
        return views.view(one.explanation().image(), explainer().explain(block, one.row()), one.label());
    }

    /** Takes in an image of one's own; gives it taken apart, with the number to ask for it again. */
    public ObjectNode upload(Image image, String name) {
        Preprocessing preprocessing = source.model().preprocessing();
        float[] pixels = new float[preprocessing.inputLength()];
        try {
            preprocessing.apply(image, pixels, 0);
        } catch (IllegalArgumentException e) {
            throw InputException.at(name, String.valueOf(e.getMessage()), "another image", "Choose one", e);
        }
        TraceBlock block = tracer.encode(pixels, new int[1], List.of(name));
        synchronized (this) {
            int number = uploads++;
            own.put(number, block);
            if (own.size() > KEPT) {
                own.pollFirstEntry();
            }
            return own(number);
        }
    }

    /** An image of one's own, with λ as they are now. */
    public synchronized ObjectNode own(int number) {
        TraceBlock block = own.get(number);
        if (block == null) {
            throw InputException.at("image " + number, "no such image", "one taken in lately", "Drop it in again");
        }
        ObjectNode node = views.view(block.names().get(0), explainer().explain(block, 0), ImageViews.UNKNOWN);
        return node.put("own", number);
    }

    private Explainer explainer() {
        return new Explainer(tracer.frame(), live.adapter(), named.file().classifier());
    }

    /**
     * Saves the adapter as it is now, calibrated on validation, beside the others.
     *
     * @param name of the file: letters, digits, dots, hyphens
     * @return the file
     */
    public synchronized Path save(String name) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
            throw InputException.at(
                    "the name", "'" + name + "'", "letters, digits, dots and hyphens", "Choose another name");
        }
        Path target = folder.resolve(name.endsWith(".adapter") ? name : name + ".adapter");
        if (Files.exists(target)) {
            throw InputException.at(target, "a file that is there already", "a new name", "Choose another name");
        }
        Adapter adapter = live.adapter();
        AdapterFile old = named.file();
        AdapterFile.Info info = old.info();
        Calibration calibration = Calibration.fit(
                adapter,
                old.classifier(),
                source.validation(),
                info.calibration().targetAccuracy());
        Map<String, String> settings = new TreeMap<>(info.provenance().settings());
        settings.put("edited_by_hand_from", named.name());
        Provenance provenance = Provenance.now(
                        info.provenance().model(),
                        info.provenance().data(),
                        info.provenance().seed(),
                        info.provenance().decompositionError(),
                        settings)
                .checked(old.selfCheck());
        AdapterFile.untested( // it was made by looking at validation
                        adapter,
                        old.classifier(),
                        info.prompts(),
                        info.data(),
                        state().path("accuracy").asDouble(),
                        calibration,
                        provenance,
                        old.selfCheck())
                .write(target);
        return target;
    }

    private ObjectNode timed(float... lambdas) {
        long start = System.nanoTime();
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
        ObjectNode node = state();
        return node.put("milliseconds", (System.nanoTime() - start) / 1e6);
    }

    private boolean overflows() {
        return AdapterViews.overflow(
                live.logits(), named.file().classifier().classes().size());
    }

    private static InputException tooLarge() {
        return InputException.at(
                "the weights", "some under which logits overflow or are all 0", "others", "Turn less far");
    }

    private int[] range(@Nullable String unit) {
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
    public synchronized void close() {
        try (NativeScope scope = NativeScope.inference()) {
            live.close();
        }
    }
}
