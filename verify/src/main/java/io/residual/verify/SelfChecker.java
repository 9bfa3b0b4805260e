package io.residual.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.images.BuiltInImages;
import io.residual.images.Image;
import io.residual.images.Preprocessing;
import io.residual.model.ImageTextModel;
import io.residual.model.TextTokenizer.Overlong;
import io.residual.model.TokenIds;
import io.residual.provenance.Provenance;
import io.residual.provenance.SelfCheck;
import io.residual.provenance.SelfCheck.Entry;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.weights.SafetensorsFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Checks a checkpoint for which no kit exists. That its tensors have the names and shapes which the configuration
 * promises is verified by opening it.
 */
public final class SelfChecker {
    /** Relative to the largest value: sums of 32-bit floats in another order. */
    private static final double VALUES = 1e-4;

    /** Relative to the output: the project's first invariant. */
    private static final double SUM = 1e-5;

    private static final List<String> TEXTS =
            List.of("a photo of a dog", "two red trucks", "the number 7", "it's the cat's toy");

    private final ImageTextModel model;
    private final Progress progress;
    private final List<Entry> checks = new ArrayList<>();
    private final List<String> uncovered = new ArrayList<>();

    private SelfChecker(ImageTextModel model, Progress progress) {
        this.model = model;
        this.progress = progress;
    }

    /** Runs every check on an open model. */
    public static SelfCheck check(ImageTextModel model, Progress progress) {
        SelfChecker checker = new SelfChecker(model, progress);
        checker.run();
        return new SelfCheck(
                Provenance.version(),
                Provenance.now(),
                model.hash(),
                model.filesHash(),
                model.family(),
                checker.checks,
                checker.uncovered,
                model.warnings(),
                List.copyOf(model.ignoredTensors()));
    }

    private void run() {
        JsonNode vectors = vectors();
        weights();
        images();
        preprocessing(vectors.path("pictures"));
        if (model.hasText()) {
            tokens(vectors.path("tokens"));
            texts();
        } else {
            uncovered.add("tokens and texts: a " + model.family() + " model has no text tower");
        }
    }

    private static JsonNode vectors() {
        try (InputStream in = Objects.requireNonNull(
                SelfChecker.class.getResourceAsStream("vectors.json"), "the program lacks its resource vectors.json")) {
            return Json.parse(in.readAllBytes(), Json.Limits.FOREIGN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One at a time, so that no second copy of the model is in memory. */
    private void weights() {
        Set<String> used = model.usedTensors();
        progress.start("weights", used.size());
        int done = 0;
        long wrong = 0;
        long numbers = 0;
        String first = "";
        for (Path path : model.weightFiles()) {
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                for (String name : file.names()) {
                    if (used.contains(name)) {
                        try (NativeScope scope = NativeScope.inference()) {
                            Tensor tensor = file.read(name);
                            long finite = tensor.isfinite().sum().item_long();
                            numbers += tensor.numel();
                            first = wrong == 0 && finite < tensor.numel() ? name : first;
                            wrong += tensor.numel() - finite;
                        }
                        progress.at(++done);
                    }
                }
            }
        }
        progress.finish();
        checks.add(new Entry(
                "tensors read", used.size() - (double) done, 0, done + " of the names and shapes configured"));
        String note =
                wrong == 0 ? "numbers that are not finite, of " + numbers : "not finite, first in '" + first + "'";
        checks.add(new Entry("weights finite", wrong, 0, note));
    }

    private void images() {
        progress.start("decomposition", 1);
        List<Image> images = BuiltInImages.all();
        Preprocessing preprocessing = model.preprocessing();
        int length = preprocessing.inputLength();
        float[] pixels = new float[images.size() * length];
        for (int i = 0; i < images.size(); i++) {
            preprocessing.apply(images.get(i), pixels, i * length);
        }
        Tracer tracer = new Tracer(model);
        List<String> names = Collections.nCopies(images.size(), "built in");
        TraceBlock block = tracer.encode(pixels, new int[images.size()], names);
        try (NativeScope scope = NativeScope.inference()) {
            checks.add(new Entry(
                    "sum of units",
                    block.decompositionError(tracer.frame()),
                    SUM,
                    "against the embedding, relative to its largest value"));
        }
        int height = preprocessing.inputHeight();
        int width = preprocessing.inputWidth();
        try (NativeScope scope = NativeScope.inference()) {
            Tensor input = Tensors.of(pixels, images.size(), 3, height, width);
            float[] full = Tensors.floats(model.image().traceInFull(input).output());
            checks.add(new Entry("last block in full", distance(block.output(), full), VALUES, "against the shortcut"));
        }
        try (NativeScope scope = NativeScope.inference()) {
            Tensor input = Tensors.of(Arrays.copyOfRange(pixels, length, 2 * length), 1, 3, height, width);
            float[] alone = Tensors.floats(model.image().encode(input));
            int d = alone.length;
            checks.add(new Entry(
                    "image alone",
                    distance(Arrays.copyOfRange(block.output(), d, 2 * d), alone),
                    VALUES,
                    "against the same in a batch"));
        }
        progress.finish();
    }

    private void preprocessing(JsonNode known) {
        Preprocessing p = model.preprocessing();
        String key = p.resize() + " " + p.height() + " " + p.filter()
                + (p.cropHeight() > 0 ? " " + p.cropHeight() + " " + p.margin() : "");
        boolean square = p.inputHeight() == p.inputWidth() && p.cropHeight() == p.cropWidth();
        if (!square || !known.has(key)) {
            uncovered.add("preprocessing: no vector for " + key);
            return;
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            BuiltInImages.all().forEach(image -> digest.update(p.fit(image).rgb()));
            String hex = HexFormat.of().formatHex(digest.digest()).substring(0, 32);
            boolean same = hex.equals(known.path(key).asText());
            checks.add(new Entry("preprocessing", same ? 0 : 1, 0, "Pillow's bytes for " + key));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    private void tokens(JsonNode vocabularies) {
        for (JsonNode vocabulary : vocabularies) {
            List<String> tokens = new ArrayList<>();
            List<Long> ids = new ArrayList<>();
            vocabulary.path("known").properties().forEach(e -> {
                tokens.add(e.getKey());
                ids.add(e.getValue().asLong(-2));
            });
            if (model.tokenizer().ids(tokens).equals(ids)) {
                compareTokens(vocabulary);
                return;
            }
        }
        uncovered.add("tokens: a vocabulary of its own, for which there are no vectors");
    }

    private void compareTokens(JsonNode vocabulary) {
        int wrong = 0;
        int compared = 0;
        for (JsonNode vector : vocabulary.path("vectors")) {
            long[] want = new long[vector.path("ids").size()];
            Arrays.setAll(want, i -> vector.path("ids").path(i).longValue());
            TokenIds ids = model.tokenizer().encode(List.of(vector.path("text").asText()), Overlong.CUT);
            if (want.length <= ids.context()) {
                compared++;
                wrong += Arrays.equals(want, Arrays.copyOf(ids.row(0), want.length)) && ids.lengths()[0] == want.length
                        ? 0
                        : 1;
            }
        }
        checks.add(new Entry(
                "tokens",
                wrong,
                0,
                "texts with other ids than " + vocabulary.path("name").asText() + "'s, of " + compared));
    }

    private void texts() {
        float[] together = model.encodeTexts(TEXTS, Overlong.CUT);
        int d = together.length / TEXTS.size();
        double worst = 0;
        for (int i = 0; i < TEXTS.size(); i++) {
            float[] alone = model.encodeTexts(List.of(TEXTS.get(i)), Overlong.CUT);
            worst = Math.max(worst, distance(Arrays.copyOfRange(together, i * d, (i + 1) * d), alone));
        }
        checks.add(new Entry("text alone", worst, VALUES, "against the same in a batch"));
        double scale = model.logitScale();
        checks.add(new Entry("logit_scale", scale > 0 && scale <= 1000 ? 0 : scale, 0, "a factor from 0 to 1000"));
    }

    /** Largest difference relative to the largest value; NaN if there is one. */
    private static double distance(float[] a, float[] b) {
        double largest = 0;
        double worst = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i]));
            double difference = Math.abs(a[i] - b[i]);
            worst = difference <= worst ? worst : difference; // NaN stays
        }
        return worst / largest;
    }
}
