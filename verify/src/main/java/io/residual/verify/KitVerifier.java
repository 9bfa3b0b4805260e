package io.residual.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.adapt.Adapter;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.adapt.ComponentDesign.Part;
import io.residual.adapt.Design;
import io.residual.adapt.HeadScaleDesign;
import io.residual.adapt.Method;
import io.residual.adapt.OutputDesign;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.RegularFiles;
import io.residual.data.Prompts;
import io.residual.data.Split;
import io.residual.description.Description;
import io.residual.description.Dictionary;
import io.residual.description.MatchingPursuit;
import io.residual.description.TextSpan;
import io.residual.experiment.TestScore;
import io.residual.fit.Objective;
import io.residual.heads.Ablation;
import io.residual.heads.HeadScores;
import io.residual.model.ImageTextModel;
import io.residual.model.TextTokenizer.Overlong;
import io.residual.model.TokenIds;
import io.residual.provenance.Provenance;
import io.residual.spectrum.Pca;
import io.residual.spectrum.SpectralSimilarity;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.TwoNn;
import io.residual.spectrum.UnitStatistics;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitId;
import io.residual.units.UnitPoints;
import io.residual.units.UnitShape;
import io.residual.weights.SafetensorsFile;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Compares everything that a conformance kit has expectations for with what this program computes. A kit is a model's
 * folder with {@code expected.safetensors} and {@code expected.json}.
 */
public final class KitVerifier {
    /** Relative to the largest value: what 32-bit floats in another order of summation may differ by. */
    private static final double VALUES = 1e-4;

    /** Bytes of a kit's texts, at most. */
    private static final int LARGEST = 64 << 20;

    /** Relative to the unit's largest eigenvalue: errors of values count twice in squares, and PCA amplifies them. */
    private static final double EIGENVALUES = 1e-3;

    /** Relative to the largest: a gradient passes through the square of everything above. */
    private static final double GRADIENTS = 1e-3;

    /** Similarities, correlations and explained shares, absolute: all lie in [-1, 1]. */
    private static final double SCORES = 1e-3;

    /** TwoNN, relative: its slope is fitted on ratios of distances, of which nearly equal ones may change places. */
    private static final double DIMENSIONS = 1e-2;

    /** Shares of right answers: the counts must be the same, and this is their rounding. */
    private static final double COUNTED = 1e-9;

    /** The sum of units against the output, relative: the project's first invariant. */
    private static final double SUM = 1e-5;

    private static final double EXACT = 0;

    /** Entries of expected.json that explain rather than expect. */
    private static final Set<String> DESCRIBING = Set.of("order", "classifier");

    /** Tensors that are given rather than expected. */
    private static final Set<String> INPUTS = Set.of("a.pixel_values", "b.pixel_values", "a.labels", "b.labels");

    /** What is compared within the entries that have parts. */
    private static final Map<String, Set<String>> NESTED = Map.of(
            "spectrum", Set.of("unit", "kept_90", "kept_99", "first_evr", "participation_ratio", "two_nn"),
            "text_span", Set.of("unit", "rank", "chosen"),
            "omp_first_component", Set.of("unit", "chosen", "coefficients_abs"),
            "somp", Set.of("unit", "chosen", "explained"),
            "residual_star", Set.of("units", "components", "loss", "accuracy", "parameters"),
            "residual_full", Set.of("units", "components", "loss", "accuracy", "parameters"),
            "coarse", Set.of("loss"),
            "output_spectral", Set.of("loss"));

    private final ImageTextModel model;
    private final SafetensorsFile expected;
    private final JsonNode json;
    private final @Nullable JsonNode texts;
    private final Tracer tracer;
    private final List<Check> checks = new ArrayList<>();

    private KitVerifier(ImageTextModel model, SafetensorsFile expected, JsonNode json, @Nullable JsonNode texts) {
        this.model = model;
        this.expected = expected;
        this.json = json;
        this.texts = texts;
        this.tracer = new Tracer(model);
    }

    /**
     * Runs every comparison.
     *
     * @param texts the file with the kits' texts; null for {@code texts.json} beside the kit or, if there is none, for the
     *     texts that all known kits use
     */
    public static List<Check> verify(Path kit, @Nullable Path texts) {
        if (!Files.exists(kit.resolve("expected.json"))) {
            throw InputException.at(kit, "no expected.json", "a conformance kit", "Check the path");
        }
        try (ImageTextModel model = ImageTextModel.open(kit);
                SafetensorsFile expected = SafetensorsFile.open(kit.resolve("expected.safetensors"))) {
            JsonNode json = Json.parse(
                    RegularFiles.bytes(kit.resolve("expected.json"), "a kit's expectations", LARGEST),
                    Json.Limits.FOREIGN);
            JsonNode words = model.hasText() ? words(kit, texts) : null;
            KitVerifier verifier = new KitVerifier(model, expected, json, words);
            verifier.run();
            return List.copyOf(verifier.checks);
        } catch (IOException e) {
            throw InputException.at(
                    kit.resolve("expected.json"),
                    "no readable JSON",
                    "a kit's expectations",
                    "Check the kit's files",
                    e);
        }
    }

    private static JsonNode words(Path kit, @Nullable Path given) {
        try {
            JsonNode words = Json.parse(texts(kit, given), Json.Limits.FOREIGN);
            for (String list : List.of("texts", "dictionary", "classes", "templates")) {
                if (words == null || words.path(list).isEmpty()) {
                    throw InputException.at(
                            given == null ? "texts.json" : given,
                            "no '" + list + "'",
                            "the kits' texts",
                            "Check --texts");
                }
            }
            return words;
        } catch (NoSuchFileException e) {
            throw InputException.missing(Path.of(String.valueOf(e.getFile())), "the kits' texts");
        } catch (IOException e) {
            throw InputException.at(
                    given == null ? "texts.json" : given, "no readable JSON", "the kits' texts", "Check --texts", e);
        }
    }

    private static byte[] texts(Path kit, @Nullable Path given) throws IOException {
        Path beside = kit.toAbsolutePath().normalize().resolveSibling("texts.json");
        if (given != null || Files.exists(beside)) {
            return RegularFiles.bytes(given != null ? given : beside, "the kits' texts", LARGEST);
        }
        try (InputStream in = KitVerifier.class.getResourceAsStream("texts.json")) {
            return Objects.requireNonNull(in, "the program lacks its resource texts.json")
                    .readAllBytes();
        }
    }

    private void run() {
        JsonNode words = texts;
        if (words != null) {
            guarded("text.features", () -> texts(words));
        }
        TraceBlock a = guarded("a.image_features", () -> trace("a"));
        TraceBlock b = guarded("b.image_features", () -> trace("b"));
        Classifier classifier = a == null ? null : guarded("classifier", () -> classifier(a));
        List<Spectrum> spectra = a == null ? null : guarded("a.eigenvalues", () -> spectra(a));
        if (a != null && b != null && classifier != null && spectra != null) {
            guarded("layers", () -> shape(a));
            guarded("units in order", () -> order(a.shape()));
            guarded("a.logits", () -> logits("a", a, classifier));
            guarded("b.logits", () -> logits("b", b, classifier));
            guarded("spectrum two_nn", () -> geometry(spectra, a, b));
            if (words != null) {
                guarded("text_span", () -> words(words, spectra, a));
            }
            guarded("head_accuracy_a", () -> heads(a, b, classifier));
            guarded("residual_full loss", () -> adapters(spectra, a, b, classifier));
        }
        leftOver();
    }

    /** What cannot be computed at all is a failure of its own, and no reason to leave out the rest. */
    private <T> @Nullable T guarded(String quantity, Supplier<T> comparison) {
        try {
            return comparison.get();
        } catch (RuntimeException e) {
            String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            checks.add(new Check(quantity, Double.NaN, EXACT, "cannot be computed: " + message));
            return null;
        }
    }

    private void guarded(String quantity, Runnable comparison) {
        guarded(quantity, () -> {
            comparison.run();
            return quantity;
        });
    }

    /** What the kit has and nothing above compared is a failure, lest a new quantity pass unseen. */
    private void leftOver() {
        Set<String> seen = checks.stream().map(Check::quantity).collect(Collectors.toSet());
        Set<String> missed = new TreeSet<>();
        for (String name : expected.names()) {
            boolean lambdas = name.endsWith(".lambdas") && seen.contains(name.replace(".lambdas", ".gradient"));
            if (!INPUTS.contains(name) && !lambdas && !seen.contains(name)) {
                missed.add(name);
            }
        }
        json.fieldNames().forEachRemaining(name -> {
            boolean covered = DESCRIBING.contains(name)
                    || seen.stream()
                            .anyMatch(q -> q.equals(name) || q.startsWith(name + " ") || q.startsWith(name + "."));
            if (!covered) {
                missed.add(name);
            }
        });
        NESTED.forEach((list, known) -> {
            JsonNode node = json.path(list);
            for (JsonNode entry : node.isArray() ? node : List.of(node)) {
                entry.fieldNames().forEachRemaining(field -> {
                    if (!known.contains(field)) {
                        missed.add(list + "." + field);
                    }
                });
            }
        });
        missed.forEach(name -> checks.add(new Check(name, Double.NaN, EXACT, "this program does not compute it")));
    }

    /** Units that the kit's lists name otherwise than by their place in the order. */
    private void order(UnitShape shape) {
        int wrong = 0;
        for (int u = 0; u < shape.units(); u++) {
            wrong += json.path("spectrum").path(u).path("unit").asDouble(-1) == u ? 0 : 1;
        }
        wrong += Math.abs(json.path("spectrum").size() - shape.units());
        for (String list : List.of("text_span", "omp_first_component", "somp")) {
            wrong += json.has(list) ? Math.abs(json.path(list).size() - shape.allHeads()) : 0;
            for (int i = 0; i < json.path(list).size(); i++) {
                wrong += json.path(list).path(i).path("unit").asDouble(-1) == 1 + i ? 0 : 1;
            }
        }
        checks.add(new Check("units in order", wrong, EXACT, "entries that name another unit"));
    }

    /** The model's own numbers, compared before anything else. */
    private void shape(TraceBlock a) {
        exact("layers", a.shape().layers());
        exact("heads", a.shape().heads());
        exact("head_dim", a.shape().headWidth());
        JsonNode scale = json.path("logit_scale");
        if (scale.isNumber()) {
            checks.add(new Check(
                    "logit_scale", Math.abs(model.logitScale() / scale.doubleValue() - 1), VALUES, "relative"));
        }
    }

    private void exact(String name, int got) {
        if (json.path(name).isNumber()) {
            checks.add(new Check(name, Math.abs(got - json.path(name).doubleValue()), EXACT, "absolute"));
        }
    }

    private void geometry(List<Spectrum> spectra, TraceBlock a, TraceBlock b) {
        UnitShape shape = a.shape();
        double worst = 0;
        for (UnitId unit : shape.ids()) {
            double want =
                    json.path("spectrum").path(shape.index(unit)).path("two_nn").doubleValue();
            worst = Math.max(
                    worst, Math.abs(TwoNn.dimension(UnitPoints.of(asTrace(a), unit), tracer.frame()) / want - 1));
        }
        checks.add(new Check("spectrum two_nn", worst, DIMENSIONS, "relative"));
        List<Spectrum> other = Pca.of(asTrace(b), shape.headIds());
        double[] got = new double[shape.allHeads()];
        for (int i = 0; i < got.length; i++) {
            got[i] = SpectralSimilarity.of(spectra.get(1 + i), other.get(i), .9);
        }
        absolute("spectral_similarity_a_b", got, doubles(json.path("spectral_similarity_a_b")), SCORES);
    }

    private void words(JsonNode source, List<Spectrum> spectra, TraceBlock a) {
        List<String> entries = strings(source, "dictionary");
        Dictionary dictionary = Dictionary.of(entries, model.encodeTexts(entries, Overlong.CUT));
        int wrongSpan = 0;
        int wrongOmp = 0;
        int wrongSomp = 0;
        double worstCoefficient = 0;
        double worstExplained = 0;
        List<UnitId> heads = a.shape().headIds();
        for (int i = 0; i < heads.size(); i++) {
            JsonNode span = json.path("text_span").path(i);
            wrongSpan += same(
                    span,
                    TextSpan.of(
                            UnitStatistics.of(a, heads.get(i)),
                            tracer.frame(),
                            dictionary,
                            span.path("chosen").size(),
                            span.path("rank").intValue()));
            JsonNode omp = json.path("omp_first_component").path(i);
            double[] first =
                    Arrays.copyOf(spectra.get(1 + i).components(), a.shape().sharedWidth());
            Description direction = MatchingPursuit.ofDirection(
                    first,
                    UnitStatistics.of(a, heads.get(i)),
                    tracer.frame(),
                    dictionary,
                    omp.path("chosen").size());
            wrongOmp += same(omp, direction);
            double[] want = doubles(omp.path("coefficients_abs"));
            if (want.length != direction.terms().size()) {
                worstCoefficient = Double.NaN;
            }
            for (int k = 0; k < Math.min(want.length, direction.terms().size()); k++) {
                double weight = Math.abs(direction.terms().get(k).weight());
                worstCoefficient = Math.max(worstCoefficient, Math.abs(weight - want[k]));
            }
            JsonNode somp = json.path("somp").path(i);
            Description images = MatchingPursuit.ofImages(
                    UnitPoints.of(asTrace(a), heads.get(i)),
                    tracer.frame(),
                    dictionary,
                    somp.path("chosen").size());
            wrongSomp += same(somp, images);
            double explained = images.terms().isEmpty()
                    ? 0
                    : images.terms().get(images.terms().size() - 1).explained();
            worstExplained = Math.max(
                    worstExplained, Math.abs(explained - somp.path("explained").doubleValue()));
        }
        checks.add(new Check("text_span", wrongSpan, EXACT, "heads with other texts"));
        checks.add(new Check("omp_first_component", wrongOmp, EXACT, "heads with other texts"));
        checks.add(new Check("omp_first_component coefficients", worstCoefficient, SCORES, "absolute"));
        checks.add(new Check("somp", wrongSomp, EXACT, "heads with other texts"));
        checks.add(new Check("somp explained", worstExplained, SCORES, "absolute"));
    }

    private static int same(JsonNode want, Description got) {
        int[] chosen = new int[want.path("chosen").size()];
        Arrays.setAll(chosen, k -> want.path("chosen").path(k).intValue());
        return Arrays.equals(chosen, got.indices()) ? 0 : 1;
    }

    private void heads(TraceBlock a, TraceBlock b, Classifier classifier) {
        absolute("a.head_correlation", HeadScores.correlation(asTrace(a)), floats("a.head_correlation"), SCORES);
        absolute(
                "a.task_correlation",
                HeadScores.taskCorrelation(asTrace(a), classifier),
                floats("a.task_correlation"),
                SCORES);
        absolute(
                "head_accuracy_a",
                HeadScores.accuracy(asTrace(a), classifier),
                doubles(json.path("head_accuracy_a")),
                COUNTED);
        for (Ablation.Fill fill : Ablation.Fill.values()) {
            String name = "b.accuracy_heads_only_" + fill.name().toLowerCase(java.util.Locale.ROOT);
            List<Ablation> headsOnly = List.of(Ablation.keeping(b.shape().headIds(), fill));
            double got = Ablation.accuracies(headsOnly, asTrace(b), classifier, asTrace(b))
                    .get(0)
                    .value();
            checks.add(new Check(name, Math.abs(got - json.path(name).doubleValue()), COUNTED, "absolute"));
        }
    }

    private void absolute(String name, double[] got, double[] want, double tolerance) {
        if (got.length != want.length) {
            checks.add(new Check(name, Double.NaN, tolerance, got.length + " where the kit has " + want.length));
            return;
        }
        double worst = 0;
        for (int i = 0; i < got.length; i++) {
            double difference = Math.abs(got[i] - want[i]);
            worst = Math.max(worst, difference); // NaN stays
        }
        checks.add(new Check(name, worst, tolerance, "absolute"));
    }

    private void absolute(String name, double[] got, float[] want, double tolerance) {
        double[] wide = new double[want.length];
        Arrays.setAll(wide, i -> want[i]);
        absolute(name, got, wide, tolerance);
    }

    private static double[] doubles(JsonNode array) {
        double[] values = new double[array.size()];
        Arrays.setAll(values, i -> array.path(i).doubleValue());
        return values;
    }

    private void texts(JsonNode words) {
        List<String> samples = strings(words, "texts");
        TokenIds ids = model.tokenizer().encode(samples, Overlong.CUT);
        long[] want;
        try (NativeScope scope = NativeScope.inference()) {
            want = Tensors.longs(expected.read("text.ids"));
        }
        int wrong = 0;
        for (int i = 0; i < samples.size(); i++) {
            int width = want.length / samples.size();
            wrong += Arrays.equals(ids.row(i), Arrays.copyOfRange(want, i * width, (i + 1) * width)) ? 0 : 1;
        }
        checks.add(new Check("text.ids", wrong, EXACT, "texts with other token ids"));
        compare("text.features", model.encodeTexts(samples, Overlong.CUT), VALUES);
        compare("dictionary.features", model.encodeTexts(strings(words, "dictionary"), Overlong.CUT), VALUES);
    }

    private TraceBlock trace(String set) {
        TraceBlock block;
        int[] labels = ints(set + ".labels");
        block = tracer.encode(floats(set + ".pixel_values"), labels, Collections.nCopies(labels.length, set));
        compare(set + ".image_features", block.output(), VALUES);
        if (expected.has(set + ".units")) {
            units(set, block);
        }
        JsonNode gap = json.path(set + ".sum_minus_output_max_abs");
        if (gap.isNumber()) {
            double largest = 0;
            for (float value : block.output()) {
                largest = Math.max(largest, Math.abs(value));
            }
            checks.add(new Check(
                    set + ".sum_minus_output_max_abs",
                    gap.doubleValue() / largest,
                    SUM,
                    "the reference's own, relative to the output"));
        }
        return block;
    }

    private void units(String set, TraceBlock block) {
        UnitShape shape = block.shape();
        float[] want = floats(set + ".units");
        if (want.length != block.size() * shape.units() * shape.sharedWidth()) {
            checks.add(new Check(
                    set + ".units", Double.NaN, VALUES, want.length + " numbers where the model has " + shape));
            return;
        }
        float[] got = new float[want.length];
        int d = shape.sharedWidth();
        for (UnitId unit : shape.ids()) {
            try (NativeScope scope = NativeScope.inference()) {
                float[] values = Tensors.floats(block.unit(tracer.frame(), unit));
                for (int i = 0; i < block.size(); i++) {
                    System.arraycopy(values, i * d, got, (i * shape.units() + shape.index(unit)) * d, d);
                }
            }
        }
        compare(set + ".units", got, VALUES);
        try (NativeScope scope = NativeScope.inference()) {
            checks.add(new Check(
                    set + " sum of units", block.decompositionError(tracer.frame()), SUM, "relative to the output"));
        }
    }

    private Classifier classifier(TraceBlock a) {
        Classifier mine;
        if (texts != null) {
            Prompts prompts = new Prompts(strings(texts, "classes"), strings(texts, "templates"));
            mine = Classifier.fromPrompts(model, prompts, Overlong.CUT);
        } else {
            int count = Arrays.stream(a.labels()).max().orElse(0) + 1;
            mine = Classifier.fromClassMeans(
                    asTrace(a),
                    IntStream.range(0, count).mapToObj(String::valueOf).toList());
        }
        compare("classifier", mine.weights(), VALUES);
        return mine;
    }

    private void logits(String set, TraceBlock block, Classifier classifier) {
        try (NativeScope scope = NativeScope.inference()) {
            compare(set + ".logits", Tensors.floats(classifier.logits(block.outputs())), VALUES);
        }
        accuracy(set + ".accuracy", json.path(set + ".accuracy"), new Adapter.Identity(), classifier, block);
    }

    private void accuracy(String name, JsonNode want, Adapter adapter, Classifier classifier, TraceBlock block) {
        if (want.isNumber()) {
            double got = TestScore.of(adapter, classifier, asTrace(block)).value();
            checks.add(new Check(name, Math.abs(got - want.doubleValue()), COUNTED, "absolute"));
        }
    }

    private <S extends Split> Trace<S> asTrace(TraceBlock block) {
        return new Trace<>(
                tracer.frame(), List.of(block), List.of(), Provenance.now(model.hash(), "kit", 0, 0, Map.of()));
    }

    private List<Spectrum> spectra(TraceBlock a) {
        UnitShape shape = a.shape();
        List<Spectrum> spectra = Pca.of(asTrace(a), shape.ids());
        int d = shape.sharedWidth();
        float[] wantValues = floats("a.eigenvalues");
        float[] wantFirst = floats("a.first_component");
        float[] mean = new float[shape.units() * d];
        double worstValue = 0;
        double worstFirst = 0;
        int wrong90 = 0;
        int wrong99 = 0;
        double worstShare = 0;
        double worstRatio = 0;
        for (int u = 0; u < shape.units(); u++) {
            Spectrum s = spectra.get(u);
            for (int k = 0; k < d; k++) {
                double got = k < s.rank() ? s.eigenvalues()[k] : 0;
                worstValue = Math.max(worstValue, Math.abs(got - wantValues[u * d + k]) / wantValues[u * d]);
                mean[u * d + k] = (float) s.mean()[k];
            }
            double dot = 0;
            double square = 0;
            for (int k = 0; k < d; k++) {
                dot += s.components()[k] * wantFirst[u * d + k];
                square += (double) wantFirst[u * d + k] * wantFirst[u * d + k];
            }
            double length = Math.sqrt(square);
            worstFirst = Math.max(worstFirst, Math.max(Math.abs(1 - Math.abs(dot) / length), Math.abs(1 - length)));
            JsonNode want = json.path("spectrum").path(u);
            wrong90 += s.kept(.9) == want.path("kept_90").doubleValue() ? 0 : 1;
            wrong99 += s.kept(.99) == want.path("kept_99").doubleValue() ? 0 : 1;
            worstShare = Math.max(
                    worstShare, Math.abs(s.firstShare() - want.path("first_evr").doubleValue()));
            double ratio = want.path("participation_ratio").doubleValue();
            worstRatio = Math.max(worstRatio, Math.abs(s.participationRatio() / ratio - 1));
        }
        checks.add(new Check("a.eigenvalues", worstValue, EIGENVALUES, "relative to the unit's largest"));
        checks.add(new Check("a.first_component", worstFirst, EIGENVALUES, "1 - |cosine|, or 1 - length"));
        compare("a.unit_mean", mean, VALUES);
        checks.add(new Check("spectrum kept_90", wrong90, EXACT, "units with another count"));
        checks.add(new Check("spectrum kept_99", wrong99, EXACT, "units with another count"));
        checks.add(new Check("spectrum first_evr", worstShare, EIGENVALUES, "absolute"));
        checks.add(new Check("spectrum participation_ratio", worstRatio, EIGENVALUES, "relative"));
        return spectra;
    }

    private void adapters(List<Spectrum> spectra, TraceBlock a, TraceBlock b, Classifier classifier) {
        UnitShape shape = a.shape();
        List<Spectrum> heads = spectra.subList(1, 1 + shape.allHeads());
        adapter("residual_star", part(heads, "residual_star", Method.RESIDUAL_STAR, Others.DROPPED), b, classifier);
        layout("residual_star", heads, s -> s.kept(.9));
        List<Spectrum> adapted = spectra.subList(1, shape.units());
        int possible = Math.min(a.size(), shape.sharedWidth());
        layout("residual_full", adapted, s -> possible);
        adapter("residual_full", part(adapted, "residual_full", Method.RESIDUAL, Others.KEPT), b, classifier);
        adapter(
                "coarse",
                new Lambdas(new HeadScaleDesign(tracer.frame(), Others.DROPPED), identity(shape.allHeads())),
                b,
                classifier);
        Spectrum output = Pca.ofOutput(asTrace(a));
        adapter(
                "output_spectral",
                new Lambdas(OutputDesign.of(output, Means.DROPPED), identity(output.rank())),
                b,
                classifier);
    }

    /** Which units the kit adapts, with how many components each and altogether. */
    private void layout(String name, List<Spectrum> spectra, ToIntFunction<Spectrum> components) {
        JsonNode want = json.path(name);
        int wrong = Math.abs(want.path("units").size() - spectra.size())
                + Math.abs(want.path("components").size() - spectra.size());
        int total = 0;
        for (int i = 0; i < spectra.size(); i++) {
            int kept = components.applyAsInt(spectra.get(i));
            total += kept;
            wrong += want.path("units").path(i).asDouble(-1) == 1 + i ? 0 : 1;
            wrong += want.path("components").path(i).asDouble(-1) == kept ? 0 : 1;
        }
        wrong += want.path("parameters").asDouble(-1) == total ? 0 : 1;
        checks.add(new Check(name + " components", wrong, EXACT, "counts that differ"));
    }

    /** A design and, for each of its parameters, where its λ stands in the kit. */
    private record Lambdas(Design design, int[] position) {}

    private static int[] identity(int n) {
        return IntStream.range(0, n).toArray();
    }

    /**
     * The kit counts min(n, D) components a unit; those without variance have coefficients of zero, so they change
     * neither output nor gradient and are left out here.
     */
    private Lambdas part(List<Spectrum> spectra, String name, Method method, Others others) {
        JsonNode counts = json.path(name).path("components");
        List<Part> parts = new ArrayList<>();
        List<Integer> positions = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < spectra.size(); i++) {
            Spectrum s = spectra.get(i);
            int kept = Math.min(s.rank(), counts.path(i).intValue());
            parts.add(Part.of(s, kept));
            for (int k = 0; k < kept; k++) {
                positions.add(at + k);
            }
            at += counts.path(i).intValue();
        }
        return new Lambdas(
                new ComponentDesign(method, tracer.frame(), parts, others, Means.DROPPED),
                positions.stream().mapToInt(Integer::intValue).toArray());
    }

    private void adapter(String name, Lambdas lambdas, TraceBlock b, Classifier classifier) {
        float[] all = floats(name + ".lambdas");
        float[] wantGradient = floats(name + ".gradient");
        if (Arrays.stream(lambdas.position).anyMatch(k -> k >= all.length)) {
            checks.add(new Check(name + ".lambdas", Double.NaN, EXACT, "fewer than the kit's components"));
            return;
        }
        float[] mine = new float[lambdas.position.length];
        for (int i = 0; i < mine.length; i++) {
            mine[i] = all[lambdas.position[i]];
        }
        // A component's sign is free, and so is the basis within equal eigenvalues; λ belongs to the component, so
        // outputs and gradients do not depend on signs.
        Adapter adapter = new Adapter.Spectral(lambdas.design, mine);
        try (NativeScope scope = NativeScope.inference()) {
            compare(name + ".image_features", Tensors.floats(adapter.features(b)), VALUES);
        }
        Objective.Value value = Objective.at(lambdas.design, mine, b, classifier);
        double wantLoss = json.path(name).path("loss").doubleValue();
        checks.add(new Check(name + " loss", Math.abs(value.loss() / wantLoss - 1), VALUES, "relative"));
        float[] gradient = new float[all.length];
        for (int i = 0; i < mine.length; i++) {
            gradient[lambdas.position[i]] = value.gradient()[i];
        }
        compareArrays(name + ".gradient", gradient, wantGradient, GRADIENTS);
        accuracy(name + " accuracy", json.path(name).path("accuracy"), adapter, classifier, b);
    }

    private void compare(String name, float[] got, double tolerance) {
        if (expected.has(name)) {
            compareArrays(name, got, floats(name), tolerance);
        }
    }

    private void compareArrays(String name, float[] got, float[] want, double tolerance) {
        if (got.length != want.length) {
            checks.add(
                    new Check(name, Double.NaN, tolerance, got.length + " numbers where the kit has " + want.length));
            return;
        }
        double largest = 0;
        double worst = 0;
        for (int i = 0; i < want.length; i++) {
            largest = Math.max(largest, Math.abs(want[i]));
            double difference = Math.abs(got[i] - want[i]);
            worst = Math.max(worst, difference); // NaN stays
        }
        checks.add(new Check(name, worst / largest, tolerance, "relative to the largest value"));
    }

    private float[] floats(String name) {
        try (NativeScope scope = NativeScope.inference()) {
            return Tensors.floats(expected.read(name));
        }
    }

    private int[] ints(String name) {
        try (NativeScope scope = NativeScope.inference()) {
            return Tensors.ints(expected.read(name));
        }
    }

    private static List<String> strings(JsonNode root, String key) {
        List<String> out = new ArrayList<>();
        root.path(key).forEach(n -> out.add(n.asText()));
        return out;
    }
}
