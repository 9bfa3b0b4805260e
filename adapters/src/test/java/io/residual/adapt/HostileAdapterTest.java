package io.residual.adapt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.adapt.ComponentDesign.Part;
import io.residual.base.InputException;
import io.residual.fixtures.MadeUpAdapter;
import io.residual.fixtures.MadeUpTrace;
import io.residual.provenance.Provenance;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import io.residual.weights.SafetensorsWriter;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An adapter of three classes for a model of one layer with two heads, and everything that may be wrong with its file. */
class HostileAdapterTest {
    private static final UnitShape SHAPE = new UnitShape(1, 2, 2, 4);
    private static final UnitFrame FRAME = MadeUpTrace.frame(SHAPE, 1);
    private static final String HASH = "0123456789abcdef";

    @TempDir
    Path temporary;

    private Path file = Path.of("");
    private JsonNode info = new ObjectMapper().createObjectNode();

    @BeforeEach
    void writeAGoodOne() throws IOException {
        ComponentDesign design = new ComponentDesign(
                Method.RESIDUAL_STAR,
                FRAME,
                List.of(
                        new Part(SHAPE.unit(1), 1, new float[4], new float[] {1, 0, 0, 0}),
                        new Part(SHAPE.unit(2), 2, new float[4], new float[] {1, 0, 0, 0, 0, 1, 0, 0})),
                Others.DROPPED,
                Means.RESTORED);
        Adapter adapter = new Adapter.Spectral(design, new float[] {1, 2, 3});
        AdapterFile good = MadeUpAdapter.file(
                adapter,
                new Classifier(List.of("a", "b", "c"), new float[12]),
                new Provenance("t", "c", HASH, "d", 0, 0, Map.of()));
        file = temporary.resolve("good.adapter");
        good.write(file);
        info = good.info().json();
    }

    @Test
    void theGoodOne_isRead() {
        AdapterFile read = AdapterFile.read(file, FRAME, HASH);
        assertArrayEquals(new float[] {1, 2, 3}, ((Adapter.Spectral) read.adapter()).lambdas());
        assertEquals(info, read.info().json());
    }

    private void refused(String saying) {
        InputException e = assertThrows(InputException.class, () -> AdapterFile.read(file, FRAME, HASH));
        assertTrue(String.valueOf(e.getMessage()).contains(saying), e.getMessage());
    }

    /** The same tensors with other metadata. */
    private void rewrite(@Nullable String json, Consumer<SafetensorsWriter> tensors) {
        SafetensorsWriter writer = new SafetensorsWriter();
        tensors.accept(writer);
        if (json != null) {
            writer.metadata("residual-adapter", json);
        }
        file = temporary.resolve("other.adapter");
        writer.write(file);
    }

    private static void good(SafetensorsWriter writer) {
        parts(writer, new long[] {1, 2}, new long[] {1, 2}, new float[3]);
    }

    private static void parts(SafetensorsWriter writer, long[] units, long[] kept, float[] lambdas) {
        writer.add("classifier", new float[12], 4, 3)
                .add("lambda", lambdas, lambdas.length)
                .add("units", units, units.length)
                .add("kept", kept, kept.length)
                .add("means", new float[units.length * 4], units.length, 4)
                .add("components", new float[12], 3, 4);
    }

    @ParameterizedTest
    @CsvSource({
        "version, 1, version 1",
        "version, null, 'version'",
        "method, \"magic\", 'magic'",
        "method, \"finetune\", full fine-tuning",
        "method, \"linear\", no tensor 'weight'",
        "method, \"tip-adapter\", no tensor 'labels'",
        "others, \"RESTORED\", 'others'",
        "means, \"KEPT\", 'means'",
        "means, null, 'means'",
        "prompts, null, 'prompts'",
        "prompts, {\"classes\":[];\"templates\":[\"{}\"]}, at least one class",
        "prompts, {\"classes\":[\"a\"];\"templates\":[\"{}\"]}, 'classifier'",
        "provenance, null, 'provenance'",
        "provenance, {\"model\":\"abc\"}, 'tool'",
        "calibration, null, 'calibration'",
        "calibration, {\"temperature\":0.0;\"threshold\":0;\"target_accuracy\":0;\"accuracy\":0;\"coverage\":0}, temperature",
        "calibration, {\"temperature\":\"NaN\";\"threshold\":0;\"target_accuracy\":0;\"accuracy\":0;\"coverage\":0}, 'temperature'",
        "calibration, {\"temperature\":1;\"threshold\":\"NaN\";\"target_accuracy\":0;\"accuracy\":0;\"coverage\":0}, 'threshold'",
        "calibration, {\"temperature\":1;\"threshold\":1.5;\"target_accuracy\":0;\"accuracy\":0;\"coverage\":0}, 'threshold'",
        "calibration, {\"temperature\":1;\"threshold\":0;\"target_accuracy\":\"Infinity\";\"accuracy\":0;\"coverage\":0}, 'target_accuracy'",
        "calibration, {\"temperature\":1;\"threshold\":0;\"target_accuracy\":0;\"accuracy\":\"NaN\";\"coverage\":0}, 'accuracy'",
        "calibration, {\"temperature\":1;\"threshold\":0;\"target_accuracy\":0;\"accuracy\":0;\"coverage\":\"-Infinity\"}, 'coverage'",
        "validation_accuracy, \"NaN\", 'validation_accuracy'",
        "test_accuracy, \"Infinity\", 'test_accuracy'",
        "data, [], 'data'",
        "validation_accuracy, \"high\", 'validation_accuracy'",
    })
    void wrongEntries_areNamed(String key, String value, String saying) throws IOException {
        ((ObjectNode) info).set(key, new ObjectMapper().readTree(value.replace(';', ',')));
        rewrite(info.toString(), HostileAdapterTest::good);
        refused(saying);
    }

    @Test
    void adapterOfAModelWithAShortHash_isOfAnotherModel() {
        ((ObjectNode) info.path("provenance")).put("model", "abc");
        rewrite(info.toString(), HostileAdapterTest::good);
        refused("an adapter of the model abc");
    }

    @Test
    void noMetadata_andMetadataThatIsNone_areRefused() {
        rewrite(null, HostileAdapterTest::good);
        refused("no 'residual-adapter' metadata");
        rewrite("null", HostileAdapterTest::good);
        refused("a JSON object");
        rewrite("{\"version\": 2", HostileAdapterTest::good);
        refused("damaged JSON");
    }

    @Test
    void partsThatCannotBe_areRefused() {
        rewrite(info.toString(), w -> parts(w, new long[0], new long[0], new float[3]));
        refused("'units'");
        rewrite(info.toString(), w -> parts(w, new long[] {1, 4}, new long[] {1, 2}, new float[3]));
        refused("found 4, expected 0 to 3");
        rewrite(info.toString(), w -> parts(w, new long[] {1, -1}, new long[] {1, 2}, new float[3]));
        refused("found -1, expected 0 to 3");
        rewrite(info.toString(), w -> parts(w, new long[] {1, 2}, new long[] {1, 1L << 40}, new float[3]));
        refused("found 1099511627776, expected 0 to 4");
        rewrite(info.toString(), w -> parts(w, new long[] {1, 2}, new long[] {-1, 4}, new float[3]));
        refused("found -1, expected 0 to 4");
        rewrite(info.toString(), w -> parts(w, new long[] {1, 2}, new long[] {1, 1}, new float[3]));
        refused("'components'");
        rewrite(info.toString(), w -> parts(w, new long[] {1, 2}, new long[] {1, 2}, new float[4]));
        refused("'lambda'");
    }

    @ParameterizedTest
    @CsvSource({"NaN", "Infinity"})
    void numbersThatAreNone_areRefused(float value) {
        float[] lambdas = new float[3];
        Arrays.fill(lambdas, value);
        rewrite(info.toString(), w -> parts(w, new long[] {1, 2}, new long[] {1, 2}, lambdas));
        refused("tensor 'lambda': found " + value + ", expected finite numbers");
    }
}
