package io.residual.explorer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.AdapterFile;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.data.Split;
import io.residual.images.Image;
import io.residual.images.Preprocessing;
import io.residual.model.TextTokenizer.Overlong;
import io.residual.predict.Explainer;
import io.residual.predict.Explanation;
import io.residual.predict.TextLogit;
import io.residual.provenance.Provenance;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An adapter on the bench, as the pages ask for it: its λ can be turned, a component, a head or all of them at a time, and accuracy,
 * confusion and single images follow, as JSON. Everything is seen on validation images. Safe for several threads, one at a time.
 */
public final class Workbench implements AutoCloseable {
    /** Images of one's own that are kept, the last ones. */
    private static final int KEPT = 32;

    /** Images whose correctness has flipped that an answer lists. */
    private static final int FLIPS = 12;

    private final ReportSource source;
    private final ReportSource.Named named;
    private final Path folder;
    private final LiveAdapter live;
    private final Tracer tracer;
    private final List<ImageViews.Shown> shown;
    private final TreeMap<Integer, TraceBlock> own = new TreeMap<>();
    private final ImageViews views = new ImageViews();
    private final Verdicts verdicts;
    private final Gallery gallery;
    private final Gallery ofTraining;
    private final HeadSwitch heads;
    private final TreeMap<Integer, Image> pictures = new TreeMap<>();
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
        this.folder = folder;
        this.live = new LiveAdapter(named.file(), named.name(), source.validation());
        this.tracer = new Tracer(source.model());
        this.verdicts = ReportData.verdicts(source, named.file().classifier());
        this.gallery = new Gallery(source.dataset().validation());
        this.ofTraining = new Gallery(source.dataset().train());
        this.heads = new HeadSwitch(source, tracer.frame());
        this.shown = ImageViews.explain(
                new Explainer(tracer.frame(), live.learned(), named.file().classifier()),
                ImageViews.choose(verdicts),
                source.validation(),
                Progress.silent());
    }

    /** Where things stand. */
    public synchronized ObjectNode state() {
        return after(() -> {});
    }

    /** Does something to the weights, and says where things stand then and how long both took. */
    private ObjectNode after(Runnable change) {
        long start = System.nanoTime();
        change.run();
        LiveAdapter.State state = live.state();
        ObjectNode node = Schema.EXPLORATION.document();
        node.put("accuracy", state.accuracy())
                .put("images", state.images())
                .put("start", state.start())
                .put("undoable", live.undoable());
        AdapterViews.confusion(node, state.confusion());
        flips(node, state.flips());
        return node.put("changed", state.changed()).put("milliseconds", (System.nanoTime() - start) / 1e6);
    }

    /** Counts, and some of the images, broken and corrected ones in turn. */
    private void flips(ObjectNode node, List<LiveAdapter.Flip> flips) {
        List<LiveAdapter.Flip> corrected =
                flips.stream().filter(LiveAdapter.Flip::corrected).toList();
        List<LiveAdapter.Flip> broken =
                flips.stream().filter(f -> !f.corrected()).toList();
        node.put("corrected", corrected.size()).put("broken", broken.size());
        ArrayNode all = node.putArray("flips");
        for (int i = 0; i < Math.max(corrected.size(), broken.size()) && all.size() < FLIPS; i++) {
            for (List<LiveAdapter.Flip> kind : List.of(broken, corrected)) {
                if (i < kind.size()) {
                    LiveAdapter.Flip flip = kind.get(i);
                    all.addObject()
                            .put("row", flip.row())
                            .put("image", source.validation().names().get(flip.row()))
                            .put("label", flip.label())
                            .put("now", flip.now())
                            .put("learned", flip.learned());
                }
            }
        }
    }

    /** Takes back the last change. */
    public synchronized ObjectNode undo() {
        return after(live::undo);
    }

    /** An image, small: those of validation come first, then those of training, as on the map ({@link MapView}). */
    public ObjectNode thumbnail(int row) {
        Trace<Split.Train> training = source.training();
        int validation = source.validation().size();
        int images = validation + (training == null ? 0 : training.size());
        if (row < 0 || row >= images) {
            throw InputException.at("image " + row, "no such image", "0 to " + (images - 1), "Correct it");
        }
        String small = training == null || row < validation
                ? gallery.thumbnail(source.validation().names().get(row))
                : ofTraining.thumbnail(training.names().get(row - validation));
        return Schema.EXPLORATION.document().put("thumbnail", small);
    }

    /**
     * A head or an MLP switched off inside the forward pass, with λ as they are now.
     *
     * @param with what takes its place: {@code mean} or {@code zero}
     */
    public synchronized ObjectNode switchedOff(String unit, String with) {
        return heads.off(unit, with, live.adapter(), named.file().classifier());
    }

    /** λ of a unit's components as they are now and as they were learned. */
    public synchronized ObjectNode unit(String name) {
        LiveAdapter.Weights weights = live.unit(name);
        ObjectNode node = Schema.EXPLORATION.document().put("unit", name);
        ArrayNode now = node.putArray("lambda");
        for (float lambda : weights.now()) {
            now.add(lambda);
        }
        ArrayNode learned = node.putArray("learned");
        for (float lambda : weights.learned()) {
            learned.add(lambda);
        }
        return node;
    }

    /** Turns one component of a unit. */
    public synchronized ObjectNode turn(String unit, int component, double value) {
        return after(() -> live.turn(unit, component, value));
    }

    /** Sets a unit's λ to what was learned times a factor: 0 silences it, 1 gives back what was learned. */
    public synchronized ObjectNode scale(String unit, double factor) {
        return after(() -> live.scale(unit, factor));
    }

    /** Sets all λ to 1 + t (λ − 1) of what was learned: 0 is the start, 1 what was learned. */
    public synchronized ObjectNode interpolation(double t) {
        return after(() -> live.interpolation(t));
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
        if (count < 1 || count > live.size()) {
            throw InputException.at("count", String.valueOf(count), "1 to " + live.size(), "Correct the number");
        }
        double[] direction = direction(text);
        ArrayNode silenced = Json.array();
        ObjectNode node = after(() -> live.silence(direction, count).forEach(s -> silenced.addObject()
                .put("unit", s.unit().toString())
                .put("component", s.component())
                .put("share", s.share())));
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
        double length = Math.sqrt(Arrays.stream(direction).map(x -> x * x).sum());
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
        ImageViews.Shown one = shown(index);
        TraceBlock block = source.validation().blocks().get(one.block());
        return view(one.explanation().image(), explainer().explain(block, one.row()), one.label());
    }

    /** The map of that image's decision with λ as they are now. */
    public synchronized ObjectNode map(int index) {
        ImageViews.Shown one = shown(index);
        TraceBlock block = source.validation().blocks().get(one.block());
        String name = one.explanation().image();
        return map(readable(name), explainer().explain(block, one.row()));
    }

    /**
     * The map of a text's logit in that image with λ as they are now.
     *
     * @param against a text whose logit is subtracted, or null
     */
    public synchronized ObjectNode where(int index, String text, @Nullable String against) {
        String name = shown(index).explanation().image();
        return where(readable(name), name, text, against);
    }

    private ImageViews.Shown shown(int index) {
        if (index < 0 || index >= shown.size()) {
            throw InputException.at("image " + index, "no such image", "0 to " + (shown.size() - 1), "Correct it");
        }
        return shown.get(index);
    }

    private Image readable(String name) {
        Image image = gallery.read(name);
        if (image == null) {
            throw InputException.at(name, "an image that cannot be read", "a readable one", "Check the file");
        }
        return image;
    }

    /** The map of an image of one's own. */
    public synchronized ObjectNode ownMap(int number) {
        TraceBlock block = own.get(number);
        Image image = pictures.get(number);
        if (block == null || image == null) {
            throw unknown(number);
        }
        return map(image, explainer().explain(block, 0));
    }

    /** The map of a text in an image of one's own, as {@link #where} gives it. */
    public synchronized ObjectNode ownWhere(int number, String text, @Nullable String against) {
        Image image = pictures.get(number);
        if (image == null) {
            throw unknown(number);
        }
        return where(image, "image " + number, text, against);
    }

    private ObjectNode where(Image image, String name, String text, @Nullable String against) {
        ObjectNode node = Schema.EXPLORATION.document();
        TextLogit logit = TextLogit.of(source.model(), text, against);
        MappedImage.write(node, image, name, tracer, explainer(), logit);
        return node;
    }

    private ObjectNode map(Image image, Explanation explanation) {
        ObjectNode node = Schema.EXPLORATION.document();
        MappedImage.write(node, image, tracer, explainer(), explanation, new ImageMaps());
        return node;
    }

    private static InputException unknown(int number) {
        return InputException.at("image " + number, "no such image", "one taken in lately", "Drop it in again");
    }

    private ObjectNode view(String name, Explanation explanation, int label) {
        ObjectNode node = Schema.EXPLORATION.document();
        node.setAll(views.view(
                name, explanation, label, verdicts.plain(), named.file().info().calibration()));
        return node;
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
            pictures.put(number, preprocessing.fit(image));
            if (own.size() > KEPT) {
                own.pollFirstEntry();
                pictures.pollFirstEntry();
            }
            return own(number);
        }
    }

    /** An image of one's own, with λ as they are now. */
    public synchronized ObjectNode own(int number) {
        TraceBlock block = own.get(number);
        if (block == null) {
            throw unknown(number);
        }
        ObjectNode node = view(block.names().get(0), explainer().explain(block, 0), ImageViews.UNKNOWN);
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
        AdapterFile old = named.file();
        AdapterFile.Info info = old.info();
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
                        live.adapter(),
                        old.classifier(),
                        info.prompts(),
                        info.data(),
                        live.state().accuracy(),
                        live.calibrated(info.calibration().targetAccuracy()),
                        provenance,
                        old.selfCheck())
                .write(target);
        return target;
    }

    @Override
    public synchronized void close() {
        live.close();
    }
}
