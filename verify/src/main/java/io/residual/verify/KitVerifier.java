package io.residual.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.RegularFiles;
import io.residual.model.ImageTextModel;
import io.residual.spectrum.Spectrum;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.weights.SafetensorsFile;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares everything that a conformance kit has expectations for with what this program computes. A kit is a model's
 * folder with {@code expected.safetensors} and {@code expected.json}. Each family of quantities has a class of its own; what none of
 * them compared is a failure.
 */
public final class KitVerifier {
    /** Bytes of a kit's texts, at most. */
    private static final int LARGEST = 64 << 20;

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

    private final Fixture fixture;
    private final Found found;

    private KitVerifier(Fixture fixture) {
        this.fixture = fixture;
        this.found = new Found(fixture);
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
            KitVerifier verifier = new KitVerifier(new Fixture(model, expected, json, words, new Tracer(model)));
            verifier.run();
            return verifier.found.checks();
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
        TowerChecks towers = new TowerChecks(fixture, found);
        SpectrumChecks spectra = new SpectrumChecks(fixture, found);
        JsonNode words = fixture.texts();
        if (words != null) {
            guarded("text.features", () -> towers.texts(words));
        }
        TraceBlock a = guarded("a.image_features", () -> towers.trace("a"));
        TraceBlock b = guarded("b.image_features", () -> towers.trace("b"));
        Classifier classifier = a == null ? null : guarded("classifier", () -> towers.classifier(a));
        List<Spectrum> known = a == null ? null : guarded("a.eigenvalues", () -> spectra.spectra(a));
        if (a != null && b != null && classifier != null && known != null) {
            guarded("layers", () -> towers.shape(a));
            guarded("units in order", () -> towers.order(a.shape()));
            guarded("a.logits", () -> towers.logits("a", a, classifier));
            guarded("b.logits", () -> towers.logits("b", b, classifier));
            guarded("spectrum two_nn", () -> spectra.geometry(known, a, b));
            if (words != null) {
                guarded("text_span", () -> new WordChecks(fixture, found).words(words, known, a));
            }
            guarded("head_accuracy_a", () -> new HeadChecks(fixture, found).heads(a, b, classifier));
            guarded("residual_full loss", () -> new AdapterChecks(fixture, found).adapters(known, a, b, classifier));
        }
        leftOver();
    }

    /** What cannot be computed at all is a failure of its own, and no reason to leave out the rest. */
    private <T> @Nullable T guarded(String quantity, Supplier<T> comparison) {
        try {
            return comparison.get();
        } catch (RuntimeException e) {
            String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            found.add(new Check(quantity, Double.NaN, Tolerance.EXACT, "cannot be computed: " + message));
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
        Set<String> seen = found.checks().stream().map(Check::quantity).collect(Collectors.toSet());
        Set<String> missed = new TreeSet<>();
        for (String name : fixture.expected().names()) {
            boolean lambdas = name.endsWith(".lambdas") && seen.contains(name.replace(".lambdas", ".gradient"));
            if (!INPUTS.contains(name) && !lambdas && !seen.contains(name)) {
                missed.add(name);
            }
        }
        fixture.json().fieldNames().forEachRemaining(name -> {
            boolean covered = DESCRIBING.contains(name)
                    || seen.stream()
                            .anyMatch(q -> q.equals(name) || q.startsWith(name + " ") || q.startsWith(name + "."));
            if (!covered) {
                missed.add(name);
            }
        });
        NESTED.forEach((list, known) -> {
            JsonNode node = fixture.json().path(list);
            for (JsonNode entry : node.isArray() ? node : List.of(node)) {
                entry.fieldNames().forEachRemaining(field -> {
                    if (!known.contains(field)) {
                        missed.add(list + "." + field);
                    }
                });
            }
        });
        missed.forEach(
                name -> found.add(new Check(name, Double.NaN, Tolerance.EXACT, "this program does not compute it")));
    }
}
