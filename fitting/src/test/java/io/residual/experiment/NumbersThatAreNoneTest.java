package io.residual.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.adapt.ComponentDesign;
import io.residual.adapt.HeadScaleDesign;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.data.Prompts;
import io.residual.data.Split;
import io.residual.fit.AlignmentSettings;
import io.residual.fit.Trainer;
import io.residual.fixtures.CheckpointSurgery;
import io.residual.fixtures.KitFixture;
import io.residual.fixtures.MadeUpAdapter;
import io.residual.fixtures.MadeUpTrace;
import io.residual.model.ImageTextModel;
import io.residual.predict.Explainer;
import io.residual.predict.Predictor;
import io.residual.provenance.Provenance;
import io.residual.tensor.Finite;
import io.residual.tensor.Tensors;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitFrame;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import io.residual.zeroshot.Temperature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wherever numbers leave a model or an adapter, those that are none are an error and never an answer. */
class NumbersThatAreNoneTest {
    private static final List<String> CLASSES = List.of("cat", "dog");
    private static final Calibration CALIBRATION = new Calibration(1, .5, .95, .9, .8);

    @TempDir
    Path temporary;

    private static String refusal(Executable doing) {
        return String.valueOf(assertThrows(InputException.class, doing).getMessage());
    }

    /** A kit's model with one tensor filled with one number. */
    private Path spoilt(String tensor, double value) {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        CheckpointSurgery.tensors(
                kit.resolve("model.safetensors"),
                (name, values) -> name.equals(tensor) ? values.fill_(new Scalar(value)) : values);
        return kit;
    }

    private static AdapterFile coarse(ImageTextModel model, UnitFrame frame, float lambda, float weight) {
        float[] weights = new float[frame.shape().sharedWidth() * 2];
        Arrays.fill(weights, weight);
        return MadeUpAdapter.file(
                MadeUpAdapter.weighted(new HeadScaleDesign(frame, ComponentDesign.Others.DROPPED), k -> lambda),
                new Classifier(CLASSES, weights),
                Provenance.now(model.hash(), "kit", 0, 0, Map.of()));
    }

    /** Each of these numbers is finite in the file; what they make of an image is not, or is nothing. */
    @ParameterizedTest
    @ValueSource(floats = {1e20f, -1e30f, 1e38f})
    void adapterOfHugeNumbers_isRefusedAtLoad(float lambda) {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        Path path = temporary.resolve("huge.adapter");
        try (ImageTextModel model = ImageTextModel.open(kit)) {
            coarse(model, UnitFrame.of(model.image()), lambda, 1).write(path);
        }
        String message = refusal(() -> Predictor.open(kit, path).close());
        assertTrue(message.startsWith(path + ": found an embedding of length"), message);
    }

    @Test
    void modelWhoseProjectionIsZero_hasNoEmbeddings() {
        Path kit = spoilt("visual_projection.weight", 0);
        assertTrue(refusal(() -> Predictor.plain(ImageTextModel.open(kit)).close())
                .contains(
                        "an embedding of length 0.00, expected a direction. Check the model with residual self-check"));
        try (ImageTextModel model = ImageTextModel.open(kit)) {
            TraceBlock block = new Tracer(model)
                    .encode(new float[model.preprocessing().inputLength()], new int[1], List.of("a.png"));
            assertTrue(refusal(block::requireFinite).startsWith("a.png: found an embedding of length 0.00"));
        }
    }

    @Test
    void modelWithAWeightThatIsNone_hasNoEmbeddings() {
        Path kit = spoilt("vision_model.post_layernorm.bias", Float.NaN);
        assertTrue(
                refusal(() -> Predictor.plain(ImageTextModel.open(kit)).close()).contains("length NaN"));
    }

    @ParameterizedTest
    @CsvSource({"logit_scale, 1e4, 'logit_scale'", "text_projection.weight, 0, the text 'a cat'"})
    void modelWithoutAWayToTexts_hasNoClasses(String tensor, double value, String saying) {
        Path kit = spoilt(tensor, value);
        String message =
                refusal(() -> Predictor.zeroShot(ImageTextModel.open(kit), new Prompts(CLASSES, List.of("a {}")))
                        .close());
        assertTrue(message.contains(saying), message);
    }

    private static <S extends Split> Trace<S> trace(float output) {
        UnitFrame frame = MadeUpTrace.frame(new UnitShape(1, 2, 2, 4), 1);
        TraceBlock block = MadeUpTrace.block(frame, 6, 2, 3);
        Arrays.fill(block.output(), 8, 12, output); // of one image
        return MadeUpTrace.trace(frame, block);
    }

    private static Classifier classifier() {
        return new Classifier(CLASSES, new float[] {1, 0, 0, 1, 1, 1, 0, 1});
    }

    /** Half of the answers would be right, as it happens: class 0 is what is largest among numbers that are none. */
    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, 1e30f, 0})
    void embeddingWithoutADirection_isNoAccuracy_noCalibration_andNoFit(float value) {
        Adapter base = new Adapter.Identity();
        assertTrue(refusal(() -> TestScore.of(base, classifier(), trace(value))).startsWith("made-up#2, with Base"));
        refusal(() -> TestScore.of(base, classifier(), CALIBRATION, trace(value)));
        refusal(() -> Calibration.fit(base, classifier(), trace(value), .95));
        Trace<Split.Test> test = trace(value);
        refusal(() -> new Explainer(test.frame(), base, classifier())
                .explain(test.blocks().get(0), 2));
        if (!Float.isFinite(value) || value == 0) {
            Trace<Split.Train> train = trace(1);
            Trace<Split.Validation> validation = trace(value);
            refusal(() ->
                    new Trainer(train, validation, classifier(), AlignmentSettings.DEFAULT, Progress.silent()).base());
        }
    }

    @Test
    void logitsThatAreNone_haveNoTemperature() {
        assertThrows(
                IllegalArgumentException.class,
                () -> Temperature.fit(List.of(new double[] {1, 2, Double.NaN, 0}), 2, 0, 1));
    }

    @Test
    void adapterOfNumbersThatAreNone_isNotWritten() {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        Path path = temporary.resolve("none.adapter");
        try (ImageTextModel model = ImageTextModel.open(kit)) {
            UnitFrame frame = UnitFrame.of(model.image());
            assertTrue(refusal(() -> coarse(model, frame, Float.NaN, 1).write(path))
                    .contains("what was learned"));
            assertTrue(refusal(() ->
                            coarse(model, frame, 1, Float.NEGATIVE_INFINITY).write(path))
                    .contains("the class embeddings: found -Infinity"));
        }
        assertFalse(Files.exists(path));
    }

    @Test
    void finiteNumbers_pass() {
        assertEquals(2, Finite.require(new float[] {1, -3e38f}, "x", "y").length);
        assertEquals(0, Finite.require(new double[0], "x", "y").length);
        assertEquals(
                2,
                Finite.requireDirections(
                                Tensors.of(new float[] {(float) 1e-10, 0, (float) 1e15, (float) 1e15}, 2, 2),
                                i -> i,
                                "y")
                        .size(0));
    }
}
