package io.residual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.adapt.AdapterFile;
import io.residual.adapt.HeadsOff;
import io.residual.adapt.Method;
import io.residual.base.InputException;
import io.residual.catalogue.Models;
import io.residual.model.HeldHead;
import io.residual.model.ImageTextModel;
import io.residual.predict.Prediction;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library as its user meets it, on the embedded model. */
class ResidualTest {
    private static Residual residual;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() {
        residual = Residual.open("world-clip");
    }

    @AfterAll
    static void close() {
        residual.close();
    }

    private static BufferedImage drawn(boolean round, int shift) {
        BufferedImage image = new BufferedImage(48, 48, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(240, 240, 240));
        graphics.fillRect(0, 0, 48, 48);
        graphics.setColor(new Color(220, 30, 30));
        if (round) {
            graphics.fillOval(10 + shift, 12, 24, 24);
        } else {
            graphics.fillRect(10 + shift, 12, 22, 22);
        }
        graphics.dispose();
        return image;
    }

    private Path images() throws IOException {
        for (boolean round : new boolean[] {true, false}) {
            Path each = Files.createDirectories(folder.resolve("shapes").resolve(round ? "circle" : "square"));
            for (int i = 0; i < 10; i++) {
                ImageIO.write(
                        drawn(round, i - 5),
                        "png",
                        each.resolve("p" + i + ".png").toFile());
            }
        }
        return folder.resolve("shapes");
    }

    /** The parts of a map add up to the logits; a text's map to its cosine; a class that is none is refused. */
    @Test
    void maps_addUpToWhatTheySplit() throws IOException {
        Path file = images().resolve("circle").resolve("p3.png");
        try (Classifier shapes = residual.zeroShot(List.of("circle", "square"), List.of("a {}."));
                Embedder embedder = residual.embedder()) {
            List<Double> logits = shapes.whatIf().logits(file);
            PatchMap map = shapes.where(file, "circle", "square");
            assertEquals(logits.get(0) - logits.get(1), map.total(), 1e-3);
            assertTrue(map.error() < 1e-3 && map.elsewhere() != 0, "error " + map.error());
            for (int patch = 0; patch < map.patches().size(); patch++) {
                int at = patch;
                double sum = map.units().values().stream()
                        .mapToDouble(unit -> unit.get(at))
                        .sum();
                assertEquals(map.patch(patch / map.columns(), patch % map.columns()), sum, 1e-9);
            }
            assertThrows(IndexOutOfBoundsException.class, () -> map.patch(0, map.columns()));
            float[] text = embedder.text("a circle.");
            float[] image = embedder.image(file);
            double cosine = 0;
            for (int j = 0; j < text.length; j++) {
                cosine += (double) text[j] * image[j];
            }
            PatchMap where = shapes.whereText(file, "a circle.");
            assertEquals(logits.get(0), where.total(), 1e-3, "the class has one prompt, and this is it");
            assertEquals(where.total() / cosine, logits.get(0) / cosine, 1e-2, "cosine times the logit scale");
            assertThrows(IllegalArgumentException.class, () -> shapes.where(file, "circle", "star"));
        }
    }

    /** What changes nothing changes nothing; a head that is gone, halved twice or another image's does. */
    @Test
    void whatIf_changesUnitsInsideThePass() throws IOException {
        Path file = images().resolve("circle").resolve("p3.png");
        Path other = folder.resolve("shapes").resolve("square").resolve("p7.png");
        UnitId head = new UnitId(UnitId.Kind.HEAD, 2, 1);
        try (Classifier shapes = residual.zeroShot(List.of("circle", "square"), List.of("a {}."))) {
            WhatIf plain = shapes.whatIf();
            double logit = plain.logits(file).get(0);
            assertEquals(shapes.classify(file), plain.classify(file));
            assertEquals(logit, plain.scale(head, 1).logits(file).get(0), 1e-4);
            assertEquals(logit, plain.mean(head, List.of(file)).logits(file).get(0), 1e-4);
            double gone = plain.zero(head).logits(file).get(0);
            assertTrue(Math.abs(gone - logit) > 1e-3, gone + " against " + logit);
            assertEquals(
                    plain.scale(head, .25).logits(file).get(0),
                    plain.scale(head, .5).scale(head, .5).logits(file).get(0),
                    1e-4);
            double patched = plain.mean(head, List.of(other)).logits(file).get(0);
            assertTrue(Math.abs(patched - logit) > 1e-3 && Math.abs(patched - gone) > 1e-3, "" + patched);
            assertThrows(InputException.class, () -> plain.zero(new UnitId(UnitId.Kind.HEAD, 99, 0)));
            assertThrows(IllegalArgumentException.class, () -> plain.mean(head, List.of()));
        }
    }

    @Test
    void zeroShot_tellsShapesApart_fromMemoryAndFromFiles() throws IOException {
        Path file = images().resolve("circle").resolve("p3.png");
        try (Classifier shapes = residual.zeroShot(List.of("circle", "square"), List.of("a {}."))) {
            assertEquals("circle", shapes.classify(drawn(true, 0)).label());
            assertEquals("square", shapes.classify(drawn(false, 0)).label());
            Prediction read = shapes.classify(file);
            assertEquals(shapes.classify(drawn(true, -2)).probability(), read.probability(), 0);
            assertEquals(96, shapes.embed(file).length);
            assertThrows(IllegalStateException.class, () -> shapes.explain(file));
        }
    }

    @Test
    void aFit_isSaved_andAnswersAsItWasTested() throws IOException {
        Path adapter = folder.resolve("shapes.adapter");
        Experiment experiment = residual.on(Images.of(images()));
        assertEquals(List.of("circle", "square"), experiment.classes());
        Fit fit = experiment.fit(Method.RESIDUAL_STAR);
        Score score = fit.test();
        assertEquals(score, fit.test());
        fit.save(adapter);
        try (Classifier shapes = residual.classifier(adapter)) {
            Path file = folder.resolve("shapes").resolve("square").resolve("p9.png");
            Explanation why = shapes.explain(file);
            assertEquals(shapes.classify(file).label(), why.label());
            for (int c = 0; c < 2; c++) {
                int index = c;
                double sum = why.parts().stream()
                        .mapToDouble(part -> part.after().get(index))
                        .sum();
                assertEquals(why.after().get(c), sum, why.error() + 1e-9, "the parts add up to the logit");
            }
        }
    }

    /** No choice can follow a look at the test. */
    /** An adapter that switches heads off answers as the pass does in which they are switched off by hand. */
    @Test
    void headsOff_answerAsIfSwitchedOffByHand() throws IOException {
        Path unchanged = folder.resolve("base.adapter");
        Path changed = folder.resolve("off.adapter");
        residual.on(Images.of(images())).fit(Method.BASE).save(unchanged);
        List<HeldHead> heads = List.of(new HeldHead(0, 1, 0, new float[0]), new HeldHead(2, 1, 0, new float[0]));
        try (ImageTextModel model = Models.open("world-clip")) {
            AdapterFile file = AdapterFile.read(unchanged, UnitFrame.of(model.image()), model);
            AdapterFile.Info info = file.info();
            AdapterFile.untested(
                            new HeadsOff(heads),
                            file.classifier(),
                            info.prompts(),
                            info.data(),
                            info.validationAccuracy(),
                            info.calibration(),
                            info.provenance(),
                            null)
                    .write(changed);
        }
        Path image = folder.resolve("shapes").resolve("circle").resolve("p3.png");
        try (Classifier base = residual.classifier(unchanged);
                Classifier off = residual.classifier(changed)) {
            WhatIf byHand = base.whatIf();
            for (HeldHead head : heads) {
                byHand = byHand.zero(new UnitId(UnitId.Kind.HEAD, head.layer(), head.head()));
            }
            double wanted = byHand.classify(image).probabilities().get(0);
            assertEquals(wanted, off.classify(image).probabilities().get(0), 1e-5, "32-bit sums in another order");
            assertTrue(Math.abs(wanted - base.classify(image).probabilities().get(0)) > 1e-4, "heads that matter");
        }
    }

    @Test
    void afterTheTest_nothingIsFitted() throws IOException {
        Experiment experiment = residual.on(Images.of(images()));
        Fit first = experiment.fit(Method.BASE);
        Experiment few = experiment.few(2, 0);
        first.test();
        for (Experiment any : List.of(experiment, few)) {
            IllegalStateException e = assertThrows(IllegalStateException.class, () -> any.fit(Method.LINEAR));
            assertTrue(
                    String.valueOf(e.getMessage()).startsWith("The test split of shapes has been opened"),
                    e.getMessage());
        }
        assertTrue(residual.on(Images.of(folder.resolve("shapes")))
                        .fit(Method.LINEAR)
                        .parameters()
                > 0);
    }

    @Test
    void aTrace_isASum() throws IOException {
        Path shapes = images();
        Trace trace = residual.trace(List.of(shapes));
        assertEquals(20, trace.size());
        float[] whole = trace.embedding(7);
        double[] sum = new double[whole.length];
        for (UnitId unit : trace.units()) {
            float[] wrote = trace.unit(7, unit);
            for (int j = 0; j < sum.length; j++) {
                sum[j] += wrote[j];
            }
        }
        double length = 0;
        double left = 0;
        for (int j = 0; j < sum.length; j++) {
            length += whole[j] * whole[j];
            left = Math.max(left, Math.abs(sum[j] - whole[j]));
        }
        assertTrue(left / Math.sqrt(length) < 1e-5, left + " of " + Math.sqrt(length));
        UnitId head = new UnitId(UnitId.Kind.HEAD, 5, 0);
        assertTrue(trace.spectrum(head).firstShare() > 0);
        assertEquals(
                2,
                trace.describe(head, List.of("a circle", "a square", "a red thing"), 2)
                        .size());
        assertThrows(IndexOutOfBoundsException.class, () -> trace.unit(20, head));
    }

    @Test
    void whatIsWrong_isNamed() {
        InputException e = assertThrows(InputException.class, () -> Residual.open(folder.resolve("none")));
        assertTrue(
                String.valueOf(e.getMessage()).contains(folder.resolve("none").toString()), e.getMessage());
        assertThrows(InputException.class, () -> Settings.DEFAULT.targetAccuracy(95));
        assertEquals(6, residual.model().layers());
    }
}
