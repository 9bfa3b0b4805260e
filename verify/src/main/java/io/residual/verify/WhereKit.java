package io.residual.verify;

import io.residual.base.InputException;
import io.residual.base.JsonObject;
import io.residual.base.RegularFiles;
import io.residual.intervene.Activations;
import io.residual.intervene.Change;
import io.residual.intervene.Effects;
import io.residual.intervene.Interventions;
import io.residual.intervene.Interventions.Tokens;
import io.residual.model.ImageTextModel;
import io.residual.model.ImageTower;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.weights.SafetensorsFile;
import io.residual.where.TokenTrace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * For the model's kit that {@code expected.json} names, beside this one: the class token's attention, units by token, and the
 * embeddings of the first images of set b after changes inside the pass.
 */
final class WhereKit {
    private static final int LARGEST = 1 << 20;

    /** Which images, where a kit says so in these words; else the first of set b. */
    private static final Pattern IMAGES = Pattern.compile("(?:the )?first \\d+ of set ([ab])");

    private final ImageTower tower;
    private final UnitShape shape;
    private final SafetensorsFile expected;
    private final Tensor pixels; // [n, 3, S, S]
    private final Tensor reference; // set a, [m, 3, S, S]
    private final List<Check> checks = new ArrayList<>();

    private WhereKit(ImageTower tower, SafetensorsFile expected, Tensor pixels, Tensor reference) {
        this.tower = tower;
        this.shape = TokenTrace.of(tower, pixels.narrow(0, 0, 1)).shape();
        this.expected = expected;
        this.pixels = pixels;
        this.reference = reference;
    }

    /** Whether a folder is such a kit: expectations that name another kit, and no model. */
    static boolean is(Path kit) {
        Path json = kit.resolve("expected.json");
        try {
            return Files.isRegularFile(json)
                    && Files.size(json) < LARGEST
                    && expectations(json).has("kit");
        } catch (IOException | InputException e) {
            return false;
        }
    }

    private static JsonObject expectations(Path json) throws IOException {
        String text = new String(RegularFiles.bytes(json, "a kit's expectations", LARGEST), StandardCharsets.UTF_8);
        return JsonObject.parse(text, json, "Check the kit's files");
    }

    static List<Check> verify(Path kit) {
        try (SafetensorsFile expected = SafetensorsFile.open(kit.resolve("expected.safetensors"))) {
            JsonObject json = expectations(kit.resolve("expected.json"));
            String name = json.text("kit");
            if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
                throw InputException.at(
                        kit.resolve("expected.json") + ", 'kit'", name, "the name of a folder", "Correct it");
            }
            Path of = kit.toAbsolutePath().normalize().resolveSibling(name);
            if (!Files.isDirectory(of)) {
                throw InputException.missing(of, "the kit whose model this one is about");
            }
            try (ImageTextModel model = ImageTextModel.open(of);
                    SafetensorsFile inputs = SafetensorsFile.open(of.resolve("expected.safetensors"));
                    NativeScope scope = NativeScope.inference()) {
                long n = expected.read("image_features").size(0);
                Matcher said = IMAGES.matcher(json.has("pictures") ? json.text("pictures") : "");
                Tensor images = inputs.read((said.matches() ? said.group(1) : "b") + ".pixel_values");
                if (n > images.size(0)) {
                    throw InputException.at(
                            kit.resolve("expected.safetensors") + ", 'image_features'",
                            n + " images",
                            "at most the " + images.size(0) + " of " + name,
                            "Check the kit's files");
                }
                WhereKit verifier =
                        new WhereKit(model.image(), expected, images.narrow(0, 0, n), inputs.read("a.pixel_values"));
                verifier.run(json);
                return List.copyOf(verifier.checks);
            }
        } catch (IOException e) {
            throw InputException.at(
                    kit.resolve("expected.json"), e.toString(), "a kit's expectations", "Check the kit's files", e);
        }
    }

    private void run(JsonObject json) {
        checks.add(new Check("layers", Math.abs(json.whole("layers", 1, 1 << 16) - shape.layers()), 0, "difference"));
        checks.add(new Check("heads", Math.abs(json.whole("heads", 1, 1 << 16) - shape.heads()), 0, "difference"));
        maps();
        try (NativeScope scope = NativeScope.inference()) {
            compare("image_features", Tensors.floats(tower.encode(pixels)));
        }
        List<UnitId> heads = shape.headIds();
        effects("zero_head", heads, Change.ZERO, Tokens.ALL);
        effects("zero_head_class_token", heads, Change.ZERO, Tokens.CLASS);
        effects("mean_head", heads, new Change.Replace(mean()), Tokens.ALL);
        int n = (int) pixels.size(0);
        Activations previous = Activations.of(tower, pixels)
                .images(IntStream.range(0, n).map(i -> (i + n - 1) % n).toArray());
        effects("patched_head", heads, new Change.Replace(previous), Tokens.ALL);
        effects("zero_mlp", shape.blockMlpIds(), Change.ZERO, Tokens.ALL);
        composed(heads, previous);
        Set<String> seen = checks.stream().map(Check::quantity).collect(Collectors.toSet());
        Set<String> missed = new TreeSet<>(expected.names());
        missed.removeAll(seen);
        missed.forEach(name -> checks.add(new Check(name, Double.NaN, 0, "this program does not compute it")));
    }

    /** Attention, and units by token; with their constants these sum to the embedding along every axis. */
    private void maps() {
        TokenTrace trace = TokenTrace.of(tower, pixels);
        int n = trace.images();
        List<float[]> attention = new ArrayList<>();
        List<float[]> units = new ArrayList<>();
        int d = shape.sharedWidth();
        double worst = 0;
        double largest = 0;
        for (int i = 0; i < n; i++) {
            attention.add(trace.attention(i));
            units.add(trace.units(i));
            double[] y = trace.output(i);
            for (int j = 0; j < d; j++) {
                double[] axis = new double[d];
                axis[j] = 1;
                worst = Math.max(worst, Math.abs(trace.alongAll(i, axis).total() - y[j])); // NaN stays
                largest = Math.max(largest, Math.abs(y[j]));
            }
        }
        compare("attention", Tensors.joined(attention));
        compare("token_units", Tensors.joined(units));
        checks.add(new Check("sum over tokens", worst / largest, Tolerance.SUM, "relative to the output"));
    }

    private Activations mean() {
        Activations.Mean mean = new Activations.Mean(tower);
        for (long from = 0; from < reference.size(0); from += tower.batch()) {
            mean.add(reference.narrow(0, from, Math.min(tower.batch(), reference.size(0) - from)));
        }
        return mean.mean();
    }

    /** The embeddings after a change of one unit at a time, [units, n, D]. */
    private void effects(String name, List<UnitId> units, Change change, Tokens tokens) {
        boolean nowhere = tokens == Tokens.CLASS && tower.weights().embedding().classToken() == null;
        if (!expected.has(name) || nowhere) { // which is said of what nothing was compared with
            return;
        }
        int size = (int) pixels.size(0) * shape.sharedWidth();
        float[] all = new float[units.size() * size];
        new Effects(tower)
                .of(
                        pixels,
                        units,
                        change,
                        tokens,
                        (unit, total) -> System.arraycopy(
                                Tensors.floats(total.output()), 0, all, units.indexOf(unit) * size, size));
        compare(name, all);
    }

    /** A pass that is changed on its way must answer as one that is continued from the changed layer. */
    private void composed(List<UnitId> heads, Activations previous) {
        if (!expected.has("patched_head")) {
            return;
        }
        try (NativeScope scope = NativeScope.inference()) {
            int middle = heads.size() / 2;
            float[] got = Tensors.floats(Interventions.NONE
                    .replace(heads.get(middle), previous)
                    .trace(tower, pixels)
                    .output());
            float[] want = Tensors.floats(expected.read("patched_head").select(0, middle));
            checks.add(check("one head patched on the way", got, want));
        }
    }

    private void compare(String name, float[] got) {
        if (expected.has(name)) {
            try (NativeScope scope = NativeScope.inference()) {
                checks.add(check(name, got, Tensors.floats(expected.read(name))));
            }
        }
    }

    private static Check check(String name, float[] got, float[] want) {
        if (got.length != want.length) {
            return new Check(
                    name, Double.NaN, Tolerance.VALUES, got.length + " numbers where the kit has " + want.length);
        }
        double worst = 0;
        double largest = 0;
        for (int i = 0; i < want.length; i++) {
            worst = Math.max(worst, Math.abs(got[i] - want[i])); // NaN stays
            largest = Math.max(largest, Math.abs(want[i]));
        }
        return new Check(name, worst / largest, Tolerance.VALUES, "relative to the largest value");
    }
}
