package io.residual.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.audit.Twins.Kind;
import io.residual.base.Progress;
import io.residual.data.Dataset;
import io.residual.data.LabelFixes;
import io.residual.data.SplitNames.Part;
import io.residual.spectrum.Features;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.RescaleOp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was planted is found, with its kind and its remedy, and nothing else is. */
class AuditFindingsTest {
    @TempDir
    Path folder;

    private PlantedSet set(int train, int test) {
        return new PlantedSet(folder.resolve("photos"), train, test);
    }

    private static BufferedImage mirrored(BufferedImage image) {
        BufferedImage out = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < out.getWidth(); x++) {
            for (int y = 0; y < out.getHeight(); y++) {
                out.setRGB(x, y, image.getRGB(out.getWidth() - 1 - x, y));
            }
        }
        return out;
    }

    @Test
    void twinsOfSevenKinds_areFoundAcrossSplits_andNoOthers() throws IOException {
        PlantedSet set = set(8, 3);
        Path photos = set.root;
        Files.copy(photos.resolve("train/ant/ant-0.png"), photos.resolve("test/ant/ant-same.png"));
        set.write(set.read("train/ant/ant-1.png"), "test/ant/ant-pixels.bmp");
        set.write(set.read("train/ant/ant-2.png"), "test/ant/ant-jpeg.jpg");
        set.write(PlantedSet.scaled(set.read("train/bee/bee-0.png"), 36, 36), "test/bee/bee-resized.png");
        set.write(mirrored(set.read("train/bee/bee-1.png")), "test/bee/bee-mirrored.png");
        set.write(set.read("train/cow/cow-0.png").getSubimage(6, 3, 48, 51), "test/cow/cow-cropped.png");
        set.write(
                new RescaleOp(.7f, 10, null).filter(set.read("train/cow/cow-1.png"), null), "test/cow/cow-darker.png");
        Findings found = set.audit();
        Map<String, Kind> kinds = new TreeMap<>();
        found.twins().pairs().forEach(p -> {
            List<String> names =
                    List.of(found.images().shortName(p.first()), found.images().shortName(p.second()));
            kinds.put(names.get(0) + " " + names.get(1), p.kind());
        });
        assertEquals(
                new TreeMap<>(Map.of(
                        "train/ant/ant-0.png test/ant/ant-same.png", Kind.SAME_FILE,
                        "train/ant/ant-1.png test/ant/ant-pixels.bmp", Kind.SAME_PIXELS,
                        "train/ant/ant-2.png test/ant/ant-jpeg.jpg", Kind.CHANGED,
                        "train/bee/bee-0.png test/bee/bee-resized.png", Kind.CHANGED,
                        "train/bee/bee-1.png test/bee/bee-mirrored.png", Kind.MIRRORED,
                        "train/cow/cow-0.png test/cow/cow-cropped.png", Kind.CROPPED,
                        "train/cow/cow-1.png test/cow/cow-darker.png", Kind.CHANGED)),
                kinds);
        assertEquals(7, found.leaks().images().size());
        assertTrue(found.sentences().get(0).startsWith("7 images of validation or test have a twin"));
        Dataset repaired = repaired(found, set);
        AuditImages after = new AuditImages(repaired);
        assertEquals(found.images().size(), after.size(), "nothing is lost");
        Twins again = Twins.of(ImageFacts.of(after, Progress.silent()), null, Progress.silent());
        assertTrue(again.groups().size() >= 6, "without a model all but the cropped one");
        again.groups()
                .forEach(g -> assertEquals(
                        1, Arrays.stream(g).mapToObj(after::part).distinct().count(), "together in one split"));
    }

    private Dataset repaired(Findings found, PlantedSet set) throws IOException {
        Path table = Files.writeString(folder.resolve("fixes.csv"), Corrections.table(found));
        return LabelFixes.read(table).applied(set.open());
    }

    @Test
    void wrongLabels_areFoundWithTheRightOne_andWithReasonsThatAddUp() throws IOException {
        PlantedSet set = set(20, 4);
        set.move("train/ant/ant-3.png", "train/bee/ant-3.png");
        set.move("train/bee/bee-5.png", "train/cow/bee-5.png");
        set.move("test/cow/cow-t1.png", "test/ant/cow-t1.png");
        Findings found = set.audit();
        Map<String, String> proposed = new TreeMap<>();
        found.suspects()
                .forEach(s -> proposed.put(
                        found.images().shortName(s.image()),
                        found.images().classes().get(s.proposed())));
        assertEquals(
                Map.of("train/bee/ant-3.png", "ant", "train/cow/bee-5.png", "bee", "test/ant/cow-t1.png", "cow"),
                proposed);
        Reasons.Reason reason =
                Objects.requireNonNull(found.reasons()).bySuspect().get(0);
        assertEquals("embedding", reason.units().get(0).unit(), "the unit that the classes differ in");
        double parts = reason.units().stream().mapToDouble(Reasons.Share::part).sum()
                + reason.against().stream().mapToDouble(Reasons.Share::part).sum();
        assertEquals(reason.place(), parts + reason.constant(), 1e-6, "three units, all of them shown");
        OutOfSample predictions = Objects.requireNonNull(found.predictions());
        for (int s = 0; s < found.suspects().size(); s++) {
            LabelErrors.Suspect suspect = found.suspects().get(s);
            int at = suspect.row() * 3;
            assertEquals(
                    predictions.scores()[at + suspect.proposed()] - predictions.scores()[at + suspect.given()],
                    found.reasons().bySuspect().get(s).place(),
                    2e-4, // sums in 32 bits
                    "the margin without the image");
        }
        AuditImages after = new AuditImages(repaired(found, set));
        IntStream.range(0, after.size())
                .forEach(i -> assertTrue(after.shortName(i)
                        .replaceAll(".*/", "")
                        .startsWith(after.classes().get(after.label(i)))));
    }

    /** Left out one by one, each of the two would vouch for the other. */
    @Test
    void twinsWithTheSameWrongLabel_doNotVouchForOneAnother() {
        int n = 12;
        int width = 40; // more numbers than images: a twin alone can be learned by rote
        float[] values = new float[n * width];
        int[] labels = new int[n];
        Random random = new Random(1);
        for (int i = 0; i < n; i++) {
            labels[i] = i % 2;
            for (int j = 0; j < width; j++) {
                values[i * width + j] = (float) (.4 * random.nextGaussian()) + (j == labels[i] ? 1 : 0);
            }
        }
        System.arraycopy(values, 0, values, 2 * width, width);
        labels[0] = 1;
        labels[2] = 1;
        boolean[] known = new boolean[n];
        Arrays.fill(known, true);
        int[] groups = new int[n];
        Arrays.fill(groups, -1);
        Features features = new Features(width, values, known);
        assertTrue(OutOfSample.of(features, labels, groups, 2).probability(0, 1) > .7, "each vouches for the other");
        groups[0] = 0;
        groups[2] = 0;
        assertTrue(OutOfSample.of(features, labels, groups, 2).probability(0, 1) < .5, "left out together");
    }

    /** The definition: ridge regression fitted again without the image. */
    @Test
    void predictionsWithoutAnImage_areThoseOfAFitWithoutIt() {
        Random random = new Random(2);
        int n = 14;
        float[] values = new float[n * 3];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = i % 2;
            for (int j = 0; j < 3; j++) {
                values[i * 3 + j] = (float) (.6 * random.nextGaussian()) + (j == labels[i] ? 1 : 0);
            }
        }
        boolean[] known = new boolean[n];
        Arrays.fill(known, true);
        int[] groups = new int[n];
        Arrays.fill(groups, -1);
        groups[3] = 0;
        groups[6] = 0;
        Features features = new Features(3, values, known);
        OutOfSample found = OutOfSample.of(features, labels, groups, 2);
        double[] scores = new double[n];
        for (int i = 0; i < n; i++) {
            scores[i] = refitted(features, labels, groups, i, found.penalty() * n);
        }
        // Softmax at one temperature: the log odds of all images are one multiple of the difference of their scores.
        double ratio = logOdds(found, 0) / scores[0];
        for (int i = 0; i < n; i++) {
            assertEquals(ratio * scores[i], logOdds(found, i), 2e-3 * Math.abs(ratio), "image " + i);
        }
    }

    private static double logOdds(OutOfSample found, int row) {
        return Math.log(found.probability(row, 1) / found.probability(row, 0));
    }

    /** Score of class 1 less that of class 0, by normal equations over the images that are not left out. */
    private static double refitted(Features features, int[] labels, int[] groups, int out, double penalty) {
        int n = labels.length;
        int d = 4;
        float[] x;
        try (io.residual.tensor.NativeScope scope = io.residual.tensor.NativeScope.inference()) {
            x = io.residual.tensor.Tensors.floats(
                    features.centred(IntStream.range(0, n).toArray()));
        }
        double[][] system = new double[d][d + 1];
        for (int i = 0; i < n; i++) {
            if (i == out || (groups[i] >= 0 && groups[i] == groups[out])) {
                continue;
            }
            double[] row = {x[i * 3], x[i * 3 + 1], x[i * 3 + 2], 1};
            for (int a = 0; a < d; a++) {
                for (int b = 0; b < d; b++) {
                    system[a][b] += row[a] * row[b];
                }
                system[a][d] += row[a] * (labels[i] == 1 ? 1 : -1);
            }
        }
        for (int a = 0; a < d; a++) {
            system[a][a] += penalty;
        }
        for (int p = 0; p < d; p++) {
            for (int j = d; j >= p; j--) {
                system[p][j] /= system[p][p];
            }
            for (int i = 0; i < d; i++) {
                for (int j = d; i != p && j >= p; j--) {
                    system[i][j] -= system[i][p] * system[p][j];
                }
            }
        }
        return x[out * 3] * system[0][d] + x[out * 3 + 1] * system[1][d] + x[out * 3 + 2] * system[2][d] + system[3][d];
    }

    @Test
    void colouredCorner_isAShortcut_andItsAbsenceIsNone() {
        PlantedSet set = set(12, 4);
        assertEquals(List.of(), set.audit().shortcuts().grave());
        for (String part : List.of("train", "test")) {
            for (int i = 0; i < (part.equals("train") ? 12 : 4); i++) {
                String file = part + "/cow/cow-" + (part.equals("test") ? "t" : "") + i + ".png";
                BufferedImage image = set.read(file);
                Graphics2D pen = image.createGraphics();
                pen.setColor(new Color(255, 220, 0));
                pen.fillRect(0, 0, 8, 8);
                pen.dispose();
                set.write(image, file);
            }
        }
        Findings findings = set.audit();
        Shortcuts.Shortcut corner = findings.shortcuts().grave().get(0);
        assertEquals("colour of the upper left corner", corner.attribute());
        assertEquals("cow", PlantedSet.CLASSES.get(corner.best()));
        assertTrue(corner.precision() > .75 && corner.recall() > .9, corner.toString());
        assertEquals(1 / 200.0, corner.p(), 1e-12);
        long right = corner.found().stream()
                .filter(i -> findings.labels()[i] == corner.best())
                .count();
        assertEquals(corner.precision(), (double) right / corner.found().size(), 1e-12, "the images that it found");
        assertEquals(corner.recall(), right / 16.0, 1e-12);
        assertTrue(
                corner.found().stream().limit(right).allMatch(i -> findings.labels()[i] == corner.best()),
                "right ones first");
    }

    @Test
    void oddImagesAndOutliers_areNamed_andAnUnreadableOneStopsNothing() throws IOException {
        PlantedSet set = set(12, 4);
        set.write(new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB), "train/ant/ant-black.png");
        set.write(PlantedSet.scaled(set.photo(), 8, 30), "train/bee/bee-tiny.png");
        set.write(PlantedSet.scaled(set.photo(), 200, 30), "train/cow/cow-long.png");
        Files.writeString(set.root.resolve("test/ant/ant-broken.png"), "no image at all, though it is called one");
        set.write(set.photo(), "train/cow/cow-odd.png");
        Findings found = set.audit();
        Map<String, ImageChecks.Kind> kinds = new TreeMap<>();
        found.single().odd().forEach(o -> kinds.put(found.images().shortName(o.image()), o.kind()));
        assertEquals(
                new TreeMap<>(Map.of(
                        "train/ant/ant-black.png", ImageChecks.Kind.BLANK,
                        "train/bee/bee-tiny.png", ImageChecks.Kind.TINY,
                        "train/cow/cow-long.png", ImageChecks.Kind.LONG,
                        "test/ant/ant-broken.png", ImageChecks.Kind.UNREADABLE)),
                kinds);
        assertEquals(
                "train/cow/cow-odd.png",
                found.images().shortName(found.single().outliers().get(0).image()));
    }

    @Test
    void groupStaysWhereMostOfItIs_andOfEqualSplitsInTheEarlier() throws IOException {
        PlantedSet set = set(6, 3);
        for (String copy : List.of("test/ant/ant-x.png", "test/ant/ant-y.png")) {
            Files.copy(set.root.resolve("train/ant/ant-0.png"), set.root.resolve(copy));
        }
        Findings found = set.audit();
        int[] group = found.twins().groups().get(0);
        assertEquals(3, group.length);
        assertEquals(Part.TEST, found.home(group));
        assertEquals(Part.TRAIN, found.home(new int[] {0, found.images().size() - 1}));
    }

    @Test
    void pageLoadsNothing_andATextCannotEndItsData() throws IOException {
        PlantedSet set = set(8, 3);
        set.move("train/ant/ant-1.png", "train/bee/ant-<b>&.png");
        Findings found = set.audit();
        String page = AuditPage.of(found);
        assertTrue(
                page.contains("default-src 'none'; img-src data:; style-src 'sha256-"),
                "its own script and style alone");
        assertFalse(page.contains("ant-<b>"), "written as an escape");
        assertFalse(page.contains("{{"));
        assertFalse(page.matches("(?s).*(src|href)=\"https?:.*"));
        JsonNode document = AuditJson.of(found);
        assertEquals("residual/audit", document.path("schema").asText());
        assertEquals(
                "train/bee/ant-<b>&.png",
                document.path("label_errors").get(0).path("file").asText());
        assertEquals(
                "ant", document.path("label_errors").get(0).path("proposed").asText());
    }

    @Test
    void withoutAModel_filesAndPixelsAreExamined_andThatIsSaid() throws IOException {
        PlantedSet set = set(6, 3);
        Files.copy(set.root.resolve("train/ant/ant-0.png"), set.root.resolve("test/ant/ant-x.png"));
        Findings found = Findings.of(set.open(), null, Progress.silent());
        assertEquals(1, found.twins().groups().size());
        assertEquals(List.of(), found.suspects());
        assertTrue(
                found.notes().get(0).contains("give --model or --trace"),
                found.notes().toString());
        assertTrue(AuditPage.of(found).contains("residual/audit"));
    }
}
