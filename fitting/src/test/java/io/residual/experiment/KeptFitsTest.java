package io.residual.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.adapt.Method;
import io.residual.base.Progress;
import io.residual.data.DatasetSpec;
import io.residual.data.ImageFolder;
import io.residual.data.Prompts;
import io.residual.data.Split;
import io.residual.data.Splitting;
import io.residual.fit.Trainer.Epoch;
import io.residual.fixtures.KitFixture;
import io.residual.fixtures.MadeUpTrace;
import io.residual.images.Orientation;
import io.residual.model.Arithmetic;
import io.residual.model.ImageTextModel;
import io.residual.provenance.Provenance;
import io.residual.units.Trace;
import io.residual.units.UnitShape;
import io.residual.zeroshot.Classifier;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptFitsTest {
    private static final UnitShape SHAPE = new UnitShape(2, 2, 3, 4);
    private static final Trace<Split.Train> TRAIN = MadeUpTrace.trace(SHAPE, 9, 2, 1);
    private static final Trace<Split.Validation> VALIDATION = MadeUpTrace.trace(SHAPE, 6, 2, 2);
    private static final Classifier CLASSIFIER =
            new Classifier(List.of("a", "b"), new float[] {1, 0, 0, 1, 0, 0, 0, 0});

    @TempDir
    Path folder;

    private static AdapterFile file() {
        float[] weight = new float[16];
        weight[3] = .1f;
        return AdapterFile.untested(
                new Adapter.LinearMap(weight, new float[] {1, 2, 3, 4}),
                CLASSIFIER,
                new Prompts(CLASSIFIER.classes(), List.of("{}")),
                new DatasetSpec("made up", 0, 0, 0, .2, .2, 42),
                .5,
                new Calibration(1.5, .25, .95, .9, .8),
                new Provenance("0.1.0", "2026-11-28T12:00:00Z", "model", "d", 42, 1e-6, Map.of(), null),
                null);
    }

    private static String key(String model, Method method, ExperimentSettings settings, Trace<Split.Train> train) {
        return KeptFits.key(model, method, settings, "own", CLASSIFIER, train, VALIDATION);
    }

    /** A run that was stopped and one that goes on: the second finds what the first made, number for number. */
    @Test
    void whatAStoppedRunMade_isFound_andGoneWhenTheNextHasFinished() throws Exception {
        String key = key("model", Method.LINEAR, ExperimentSettings.DEFAULT, TRAIN);
        Epoch start = new Epoch(0, Double.POSITIVE_INFINITY, Double.NaN, .7, .5);
        Epoch best = new Epoch(3, .1, 1 / 3.0, .6, .75);
        Fit.Course course = new Fit.Course(20, .875, best, List.of(start, best), 1.25, "a note");
        new KeptFits(folder).keep(key, file(), course);

        KeptFits next = new KeptFits(folder);
        KeptFits.Kept kept = next.find(key, TRAIN.frame(), "model");
        assertNotNull(kept);
        assertEquals(course, kept.course());
        assertEquals(file().info().calibration(), kept.file().info().calibration());
        assertArrayEquals(
                ((Adapter.LinearMap) file().adapter()).weight(),
                ((Adapter.LinearMap) kept.file().adapter()).weight());
        assertEquals(1, next.found());
        next.finished();
        assertNull(new KeptFits(folder).find(key, TRAIN.frame(), "model"));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void anotherModelMethodSettingOrImages_isAnotherFit() {
        String key = key("model", Method.LINEAR, ExperimentSettings.DEFAULT, TRAIN);
        assertEquals(key, key("model", Method.LINEAR, ExperimentSettings.DEFAULT, TRAIN));
        assertNotEquals(key, key("other", Method.LINEAR, ExperimentSettings.DEFAULT, TRAIN));
        assertNotEquals(key, key("model", Method.RESIDUAL, ExperimentSettings.DEFAULT, TRAIN));
        assertNotEquals(key, key("model", Method.LINEAR, ExperimentSettings.DEFAULT, TRAIN.some(0, 1, 2, 3)));
        ExperimentSettings strict = new ExperimentSettings(
                ExperimentSettings.DEFAULT.alignment(), ExperimentSettings.DEFAULT.tuning(), .99);
        assertNotEquals(key, key("model", Method.LINEAR, strict, TRAIN));
    }

    @Test
    void anotherArithmeticOrientationConfigurationOrSetOfGeneralImages_isAnotherFit() throws Exception {
        Path model = KitFixture.unpack("clip-hf", folder.resolve("model"));
        String first = computing(model, Arithmetic.FP32);
        assertEquals(first, computing(model, Arithmetic.FP32));
        assertNotEquals(first, computing(model, Arithmetic.BF16));
        try {
            Orientation.use(Orientation.STORED);
            assertNotEquals(first, computing(model, Arithmetic.FP32));
        } finally {
            Orientation.reset();
        }
        Files.writeString(model.resolve("config.json"), Files.readString(model.resolve("config.json")) + " ");
        assertNotEquals(first, computing(model, Arithmetic.FP32));

        String bases = bases(model, 1);
        assertEquals(bases, bases(model, 1));
        assertNotEquals(bases, bases(model, 2), "other images under the same names");
        assertNotEquals(
                KeptFits.key("m", Method.LINEAR, ExperimentSettings.DEFAULT, bases, CLASSIFIER, TRAIN, VALIDATION),
                key("m", Method.LINEAR, ExperimentSettings.DEFAULT, TRAIN));
    }

    private static String computing(Path folder, Arithmetic arithmetic) {
        try (ImageTextModel model = ImageTextModel.open(folder, arithmetic)) {
            return new Experiments(model, null, Progress.silent()).computing();
        }
    }

    private String bases(Path modelFolder, int colour) throws Exception {
        for (int i = 0; i < 10; i++) {
            BufferedImage drawn = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
            drawn.setRGB(i % 4, i / 4, colour);
            Path of = Files.createDirectories(folder.resolve("general").resolve("class-" + i % 2));
            ImageIO.write(drawn, "png", of.resolve(i + ".png").toFile());
        }
        try (ImageTextModel model = ImageTextModel.open(modelFolder)) {
            return new Experiments(
                            model,
                            ImageFolder.open(folder.resolve("general"), new Splitting(.2, .2, 1))
                                    .train(),
                            Progress.silent())
                    .basesHash();
        }
    }

    /** The same shots twice, as a user may write them, are one run's. */
    @Test
    void whatARunMadeItself_isFoundButNotCounted() {
        KeptFits fits = new KeptFits(folder);
        keep(fits, "0".repeat(64));
        assertNotNull(fits.find("0".repeat(64), TRAIN.frame(), "model"));
        assertEquals(0, fits.found());
        KeptFits next = new KeptFits(folder);
        assertNotNull(next.find("0".repeat(64), TRAIN.frame(), "model"));
        assertNotNull(next.find("0".repeat(64), TRAIN.frame(), "model"));
        assertEquals(1, next.found(), "one fit, found twice");
    }

    private static void keep(KeptFits fits, String key) {
        Epoch best = new Epoch(0, 1, 1, 1, .5);
        fits.keep(key, file(), new Fit.Course(20, .5, best, List.of(best), 1, null));
    }

    @Test
    void aFolderThatCannotBeWritten_isNoError() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        KeptFits fits = new KeptFits(file.resolve("fits"));
        keep(fits, "0".repeat(64));
        assertNull(fits.find("0".repeat(64), TRAIN.frame(), "model"));
        fits.finished();
        assertEquals("in the way", Files.readString(file));
    }

    @Test
    void whatIsDamaged_isFittedAgain_andWhatIsOldIsRemoved() throws Exception {
        String key = key("model", Method.LINEAR, ExperimentSettings.DEFAULT, TRAIN);
        Epoch best = new Epoch(0, 1, 1, 1, .5);
        KeptFits fits = new KeptFits(folder);
        fits.keep(key, file(), new Fit.Course(20, .5, best, List.of(best), 1, null));
        Path adapter = folder.resolve(key + ".adapter");
        byte[] bytes = Files.readAllBytes(adapter);
        Files.write(adapter, java.util.Arrays.copyOf(bytes, bytes.length - 4));
        assertNull(fits.find(key, TRAIN.frame(), "model"));
        assertEquals(0, fits.found());
        Files.setLastModifiedTime(adapter, FileTime.from(Instant.now().minus(Duration.ofDays(8))));
        Path foreign = Files.writeString(folder.resolve("notes.txt"), "mine");
        Files.setLastModifiedTime(foreign, FileTime.from(Instant.now().minus(Duration.ofDays(8))));
        new KeptFits(folder);
        assertFalse(Files.exists(adapter));
        assertEquals("mine", Files.readString(foreign));
    }
}
