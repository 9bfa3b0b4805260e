package io.residual.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.Classifier;
import io.residual.Embedder;
import io.residual.Residual;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs every example as a reader would, and looks at what it prints. */
class ExamplesTest {
    private static final String MODEL = "world-clip";

    @TempDir
    Path folder;

    private interface Program {
        void start(String[] args) throws IOException;
    }

    private static String run(Program program, Object... args) throws IOException {
        PrintStream screen = System.out;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            String[] words = new String[args.length];
            for (int i = 0; i < args.length; i++) {
                words[i] = args[i].toString();
            }
            program.start(words);
        } finally {
            System.setOut(screen);
        }
        return said.toString(StandardCharsets.UTF_8);
    }

    /** 20 discs and 20 squares. */
    private Path images() throws IOException {
        for (int i = 0; i < 40; i++) {
            Path parent = Files.createDirectories(folder.resolve("mine").resolve(i < 20 ? "circle" : "square"));
            BufferedImage image = new BufferedImage(60, 50, BufferedImage.TYPE_INT_RGB);
            Graphics2D g = image.createGraphics();
            g.setColor(Color.WHITE);
            g.fillRect(0, 0, 60, 50);
            g.setColor(Color.RED);
            if (i < 20) {
                g.fillOval(5 + i, 5, 25, 25);
            } else {
                g.fillRect(i - 15, 5, 25, 25);
            }
            g.dispose();
            ImageIO.write(image, "png", parent.resolve("p" + i + ".png").toFile());
        }
        return folder.resolve("mine");
    }

    @Test
    void fittedOnAFolder_theAdapterTellsItsClassesApart() throws IOException {
        Path data = images();
        Path adapter = folder.resolve("mine.adapter");
        String fitted = run(FitYourOwn::main, MODEL, data, adapter);
        assertTrue(
                fitted.matches("\\d+ numbers learned: test accuracy [\\d.]+ % .*, before accuracy [\\d.]+ % .*\\R"),
                fitted);
        Path circle = data.resolve("circle").resolve("p3.png");
        Path square = data.resolve("square").resolve("p23.png");
        List<String> said =
                run(Classify::main, MODEL, adapter, circle, square).lines().toList();
        assertEquals(2, said.size());
        assertTrue(said.get(0).startsWith(circle + ": circle ("), said.toString());
        assertTrue(said.get(1).startsWith(square + ": square ("), said.toString());
    }

    @Test
    void answersOfTheGuide_hold() throws Exception {
        Path data = images();
        Path adapter = folder.resolve("answers.adapter");
        run(FitYourOwn::main, MODEL, data, adapter);
        Path circle = data.resolve("circle").resolve("p3.png");
        Path square = data.resolve("square").resolve("p23.png");
        assertEquals("circle", run(ThreeLines::main, MODEL, adapter, circle).strip());
        assertEquals("circle", UsingTheLibrary.zeroShot(MODEL, circle));
        try (Residual residual = Residual.open(MODEL)) {
            Classifier first = residual.classifier(adapter);
            List<Path> both = List.of(circle, square, circle, square);
            assertEquals(List.of("circle", "square", "circle", "square"), UsingTheLibrary.manyThreads(first, both));
            assertEquals(
                    both.stream().filter(p -> first.classify(p).accepted()).count(),
                    UsingTheLibrary.accepted(first, both));
            assertEquals(Optional.of("square"), UsingTheLibrary.labelOf(first, square));
            assertEquals(
                    Optional.empty(), UsingTheLibrary.labelOf(first, Files.writeString(folder.resolve("a.png"), "no")));
            assertEquals(1, UsingTheLibrary.similarity(first, circle, circle), 1e-5);
            assertTrue(UsingTheLibrary.similarity(first, circle, square) < 1 - 1e-5);
            String reason = UsingTheLibrary.reason(first, circle, "circle", "square");
            assertTrue(
                    first.explain(circle).parts().stream()
                            .anyMatch(part -> part.name().equals(reason)),
                    reason);
            double most = UsingTheLibrary.where(first, circle, "circle", "square");
            assertEquals(
                    most,
                    Collections.max(first.where(circle, "circle", "square").patches()),
                    1e-6);
            List<Double> changes = UsingTheLibrary.whatIf(first, circle, both);
            assertEquals(3, changes.stream().distinct().count(), changes.toString());
            try (Embedder embedder = residual.embedder()) {
                double right = UsingTheLibrary.fit(embedder, "a photo of a circle.", circle);
                assertTrue(right > UsingTheLibrary.fit(embedder, "a photo of a square.", circle));
            }
            double ratio = UsingTheLibrary.participationRatio(residual, List.of(data));
            assertTrue(ratio >= 1 && ratio <= 40, "of at most 39 components: " + ratio);
            double accuracy = UsingTheLibrary.fewLabels(residual, data);
            assertTrue(accuracy >= 0 && accuracy <= 1, "a share: " + accuracy);
            AtomicReference<Classifier> current = new AtomicReference<>(first);
            UsingTheLibrary.replace(residual, current, adapter);
            Classifier second = Objects.requireNonNull(current.get());
            assertEquals("circle", second.classify(circle).label());
            second.close();
        }
    }

    @Test
    void theSearch_findsImagesOfTheText_first() throws IOException {
        Path data = images();
        List<String> found =
                run(ImageSearch::main, MODEL, data, "a circle.").lines().toList();
        assertEquals(5, found.size());
        found.forEach(line -> assertTrue(line.contains("circle"), found.toString()));
        List<String> scores = found.stream().map(line -> line.substring(0, 5)).toList();
        assertEquals(scores.stream().sorted(Comparator.reverseOrder()).toList(), scores, "the best first");
    }

    @Test
    void lucenesIndex_givesTheOrderAndCosinesOfTheEmbeddings() throws IOException {
        Path data = images();
        List<String> found = run(LuceneSearch::main, MODEL, data, folder.resolve("index"), "a circle.")
                .lines()
                .toList();
        assertEquals(5, found.size());
        assertEquals(
                found,
                run(LuceneSearch::main, MODEL, data, folder.resolve("index"), "a circle.")
                        .lines()
                        .toList(),
                "a second run replaces the index");
        double best = -1;
        try (Residual residual = Residual.open(MODEL);
                Embedder embedder = residual.embedder()) {
            for (int i = 0; i < 20; i++) {
                Path circle = data.resolve("circle").resolve("p" + i + ".png");
                best = Math.max(best, UsingTheLibrary.fit(embedder, "a circle.", circle));
            }
        }
        found.forEach(line -> assertTrue(line.contains("circle"), found.toString()));
        assertEquals(best, Double.parseDouble(found.get(0).substring(0, 5)), 6e-4, "rounded to three digits");
    }

    @Test
    void djlsTypes_holdTheClassifiersAnswer() throws IOException {
        Path square = images().resolve("square").resolve("p30.png");
        String said = run(DjlClassifier::main, MODEL, square, "circle", "square");
        try (Residual residual = Residual.open(MODEL);
                Classifier classifier = residual.zeroShot(List.of("circle", "square"))) {
            double probability = classifier.classify(square).probability();
            assertEquals("square (%.0f %%)".formatted(100 * probability), said.strip());
        }
    }

    /** world-clip: an embedding, 6 layers of heads and MLPs; shares add up to all of it. */
    @Test
    void takenApart_sharesAddUp() throws IOException {
        String said = run(TakeApart::main, MODEL, images().resolve("circle").resolve("p0.png"));
        double sum = 0;
        for (MatchResult share :
                Pattern.compile("(-?[\\d.]+) % of").matcher(said).results().toList()) {
            sum += Double.parseDouble(share.group(1));
        }
        long units = said.lines().filter(l -> l.contains("% of")).count();
        assertTrue(units > 20, said);
        assertEquals(100, sum, .06 * units, "each share is rounded to 0.1");
        String left = said.substring(said.lastIndexOf("at most") + 7).strip();
        assertTrue(Double.parseDouble(left) < 1e-5, said);
    }
}
