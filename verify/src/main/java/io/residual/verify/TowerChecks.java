package io.residual.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.adapt.Adapter;
import io.residual.data.Prompts;
import io.residual.model.TextTokenizer.Overlong;
import io.residual.model.TokenIds;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.units.TraceBlock;
import io.residual.units.UnitId;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** What the towers compute: tokens, text and image embeddings, units and their sum, logits, and the model's own numbers. */
final class TowerChecks {
    private final Fixture fixture;
    private final Found found;

    TowerChecks(Fixture fixture, Found found) {
        this.fixture = fixture;
        this.found = found;
    }

    void texts(JsonNode words) {
        List<String> samples = Fixture.strings(words, "texts");
        TokenIds ids = fixture.model().tokenizer().encode(samples, Overlong.CUT);
        long[] want;
        try (NativeScope scope = NativeScope.inference()) {
            want = Tensors.longs(fixture.expected().read("text.ids"));
        }
        int wrong = 0;
        for (int i = 0; i < samples.size(); i++) {
            int width = want.length / samples.size();
            wrong += Arrays.equals(ids.row(i), Arrays.copyOfRange(want, i * width, (i + 1) * width)) ? 0 : 1;
        }
        found.count("text.ids", wrong, "texts with other token ids");
        found.values("text.features", fixture.model().encodeTexts(samples, Overlong.CUT));
        found.values(
                "dictionary.features", fixture.model().encodeTexts(Fixture.strings(words, "dictionary"), Overlong.CUT));
    }

    TraceBlock trace(String set) {
        TraceBlock block;
        int[] labels = fixture.ints(set + ".labels");
        block = fixture.tracer()
                .encode(fixture.floats(set + ".pixel_values"), labels, Collections.nCopies(labels.length, set));
        found.values(set + ".image_features", block.output());
        if (fixture.expected().has(set + ".units")) {
            units(set, block);
        }
        JsonNode gap = fixture.json().path(set + ".sum_minus_output_max_abs");
        if (gap.isNumber()) {
            double largest = 0;
            for (float value : block.output()) {
                largest = Math.max(largest, Math.abs(value));
            }
            found.add(new Check(
                    set + ".sum_minus_output_max_abs",
                    gap.doubleValue() / largest,
                    Tolerance.SUM,
                    "the reference's own, relative to the output"));
        }
        return block;
    }

    private void units(String set, TraceBlock block) {
        UnitShape shape = block.shape();
        float[] want = fixture.floats(set + ".units");
        if (want.length != block.size() * shape.units() * shape.sharedWidth()) {
            found.add(new Check(
                    set + ".units",
                    Double.NaN,
                    Tolerance.VALUES,
                    want.length + " numbers where the model has " + shape));
            return;
        }
        float[] got = new float[want.length];
        int d = shape.sharedWidth();
        for (UnitId unit : shape.ids()) {
            try (NativeScope scope = NativeScope.inference()) {
                float[] values = Tensors.floats(block.unit(fixture.frame(), unit));
                for (int i = 0; i < block.size(); i++) {
                    System.arraycopy(values, i * d, got, (i * shape.units() + shape.index(unit)) * d, d);
                }
            }
        }
        found.values(set + ".units", got);
        try (NativeScope scope = NativeScope.inference()) {
            found.add(new Check(
                    set + " sum of units",
                    block.decompositionError(fixture.frame()),
                    Tolerance.SUM,
                    "relative to the output"));
        }
    }

    Classifier classifier(TraceBlock a) {
        Classifier mine;
        JsonNode texts = fixture.texts();
        if (texts != null) {
            Prompts prompts = new Prompts(Fixture.strings(texts, "classes"), Fixture.strings(texts, "templates"));
            mine = Classifier.fromPrompts(fixture.model(), prompts, Overlong.CUT);
        } else {
            int count = Arrays.stream(a.labels()).max().orElse(0) + 1;
            mine = Classifier.fromClassMeans(
                    fixture.asTrace(a),
                    IntStream.range(0, count).mapToObj(String::valueOf).toList());
        }
        found.values("classifier", mine.weights());
        return mine;
    }

    void logits(String set, TraceBlock block, Classifier classifier) {
        try (NativeScope scope = NativeScope.inference()) {
            found.values(set + ".logits", Tensors.floats(classifier.logits(block.outputs())));
        }
        found.accuracy(
                set + ".accuracy", fixture.json().path(set + ".accuracy"), new Adapter.Identity(), classifier, block);
    }

    /** Units that the kit's lists name otherwise than by their place in the order. */
    void order(UnitShape shape) {
        int wrong = 0;
        for (int u = 0; u < shape.units(); u++) {
            wrong += fixture.json().path("spectrum").path(u).path("unit").asDouble(-1) == u ? 0 : 1;
        }
        wrong += Math.abs(fixture.json().path("spectrum").size() - shape.units());
        for (String list : List.of("text_span", "omp_first_component", "somp")) {
            wrong += fixture.json().has(list)
                    ? Math.abs(fixture.json().path(list).size() - shape.allHeads())
                    : 0;
            for (int i = 0; i < fixture.json().path(list).size(); i++) {
                wrong += fixture.json().path(list).path(i).path("unit").asDouble(-1) == 1 + i ? 0 : 1;
            }
        }
        found.count("units in order", wrong, "entries that name another unit");
    }

    /** The model's own numbers, compared before anything else. */
    void shape(TraceBlock a) {
        exact("layers", a.shape().layers());
        exact("heads", a.shape().heads());
        exact("head_dim", a.shape().headWidth());
        JsonNode scale = fixture.json().path("logit_scale");
        if (scale.isNumber()) {
            found.add(new Check(
                    "logit_scale",
                    Math.abs(fixture.model().logitScale() / scale.doubleValue() - 1),
                    Tolerance.VALUES,
                    "relative"));
        }
    }

    private void exact(String name, int got) {
        if (fixture.json().path(name).isNumber()) {
            found.add(new Check(
                    name, Math.abs(got - fixture.json().path(name).doubleValue()), Tolerance.EXACT, "absolute"));
        }
    }
}
