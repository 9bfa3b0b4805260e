package io.residual.audit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.audit.LabelOrder.Pick;
import io.residual.base.Csv;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.data.LabelledImages;
import io.residual.data.SplitNames.Part;
import io.residual.images.UnreadableImageException;
import io.residual.report.OneFilePage;
import io.residual.spectrum.Features;
import io.residual.spectrum.Neighbours;
import io.residual.units.StoredTraces;
import io.residual.units.TraceFolder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which images of a folder to label next, and how many labels a wanted accuracy takes. Training and validation images count as labelled;
 * the curve learns from training images and predicts those of validation. Test images are compared for copies alone: neither their labels
 * nor their embeddings have a part in the order.
 *
 * @param unlabelled the folder's images
 * @param classes names; none without labelled images
 * @param order numbers of images in {@code unlabelled}
 * @param curve null if there are too few labels for one
 * @param target wanted accuracy, or null
 * @param notes what was left out or could not be said
 */
public record LabelNext(
        LabelledImages<?> unlabelled,
        List<String> classes,
        LabelOrder order,
        @Nullable LabelCurve curve,
        @Nullable Double target,
        List<String> notes) {
    private static final long SEED = 42;
    private static final int NEAREST = 5;
    private static final int SHEET = 400;

    /**
     * Finds the order.
     *
     * @param labelled images with labels, or null
     * @param tracing of them
     * @param count images at most
     */
    public static LabelNext of(
            LabelledImages<?> unlabelled,
            String name,
            @Nullable AuditImages labelled,
            @Nullable Tracing tracing,
            StoredTraces traces,
            int count,
            @Nullable Double target,
            Progress progress) {
        List<String> notes = new ArrayList<>();
        int before = labelled == null ? 0 : labelled.size();
        int n = before + unlabelled.size();
        int width = traces.frame().shape().sharedWidth();
        float[] values = new float[Math.multiplyExact(n, width)];
        boolean[] known = new boolean[n];
        int[] labels = new int[n];
        Arrays.fill(labels, -1);
        ImageFacts[] facts = new ImageFacts[n];
        List<String> classes = labelled == null ? List.of() : labelled.classes();
        int[] training = new int[0];
        int[] validation = new int[0];
        if (labelled != null && tracing != null) {
            Features own = tracing.features(labelled, progress);
            System.arraycopy(own.values(), 0, values, 0, own.values().length);
            System.arraycopy(own.known(), 0, known, 0, before);
            System.arraycopy(labelled.labelsOutsideTest(), 0, labels, 0, before);
            System.arraycopy(ImageFacts.of(labelled, progress), 0, facts, 0, before);
            training = rows(labelled, known, Part.TRAIN);
            validation = rows(labelled, known, Part.VALIDATION);
        }
        Deque<Integer> left =
                new ArrayDeque<>(IntStream.range(0, unlabelled.size()).boxed().toList());
        TraceFolder.stream(traces.folder(unlabelled, name, 0, progress), block -> {
            int[] rows = Tracing.next(block, left, unlabelled::name);
            float[] output = block.output(); // one read, where the block is on disk
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(output, i * width, values, (before + rows[i]) * width, width);
                known[before + rows[i]] = true;
            }
        });
        System.arraycopy(ImageFacts.of(unlabelled, name, progress), 0, facts, before, unlabelled.size());
        int unread = (int) IntStream.range(before, n).filter(i -> !known[i]).count();
        if (unread > 0) {
            notes.add(unread + (unread == 1 ? " image" : " images") + " cannot be read and"
                    + (unread == 1 ? " is" : " are") + " left out");
        }
        Features features = new Features(width, values, known);
        int[] groups = Twins.of(facts, Neighbours.of(features, NEAREST, progress), progress)
                .groupOf(n);
        LabelOrder order = order(features, before, labels, Math.max(1, classes.size()), groups, count, progress);
        if (order.twins() > 0) {
            notes.add(order.twins()
                    + (order.twins() == 1
                            ? " image is left out: it is a copy"
                            : " images are left out: they are copies")
                    + " of labelled images or of images that stand in the list");
        }
        LabelCurve curve = null;
        if (validation.length > 0 && LabelCurve.isPossible(training.length, classes.size())) {
            curve = LabelCurve.of(features, labels, classes.size(), training, validation, SEED);
        } else if (target != null) {
            notes.add("how many labels an accuracy of " + percent(target) + " takes cannot be said: that needs a curve"
                    + " of three sizes, and so eight labelled training images a class (--labelled)");
        }
        return new LabelNext(
                unlabelled,
                classes,
                new LabelOrder(
                        order.picks().stream()
                                .map(p -> new Pick(
                                        p.image() - before,
                                        p.standsFor(),
                                        p.doubt(),
                                        p.first(),
                                        p.second(),
                                        p.ofFirst(),
                                        p.ofSecond()))
                                .toList(),
                        order.twins()),
                curve,
                target,
                List.copyOf(notes));
    }

    /**
     * The order of the images from {@code before} on. Of those before them, the ones without a label here are test images, which only
     * take their copies out.
     */
    static LabelOrder order(
            Features features, int before, int[] labels, int classes, int[] groups, int count, Progress progress) {
        boolean[] taken = new boolean[labels.length];
        System.arraycopy(features.known(), 0, taken, 0, before);
        int[] counted = IntStream.of(features.rows())
                .filter(i -> i >= before || labels[i] >= 0)
                .toArray();
        return LabelOrder.of(features.only(counted), labels, taken, classes, groups, count, progress);
    }

    private static int[] rows(AuditImages images, boolean[] known, Part part) {
        return IntStream.range(0, images.size())
                .filter(i -> known[i] && images.part(i) == part)
                .toArray();
    }

    /**
     * Tries the order and the curve on images whose labels are known.
     *
     * @param draws of pools
     */
    public static LabelTrial trial(AuditImages images, Tracing tracing, int draws, Progress progress) {
        Features features = tracing.features(images, progress);
        return LabelTrial.of(
                features,
                images.labelsOutsideTest(),
                images.classes().size(),
                rows(images, features.known(), Part.TRAIN),
                rows(images, features.known(), Part.VALIDATION),
                draws,
                SEED,
                progress);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private static String count(double labels) {
        return Double.isInfinite(labels) ? "more than can be said" : String.valueOf(Math.round(labels));
    }

    /** What the curve says, in sentences. */
    public List<String> sentences() {
        List<String> lines = new ArrayList<>();
        LabelCurve of = curve;
        if (of == null) {
            return lines;
        }
        int most = of.most();
        lines.add("accuracy of ridge regression on embeddings with " + most + " labels: "
                + percent(of.accuracy()[of.sizes().length - 1]) + " of " + of.evaluated() + " validation images");
        LabelCurve.Between twice = of.accuracy(2.0 * most);
        lines.add("with twice as many at random: " + percent(twice.value()) + " [" + percent(twice.low()) + ", "
                + percent(twice.high()) + "]");
        if (target != null) {
            LabelCurve.Between needed = of.labels(target);
            lines.add("labels for an accuracy of " + percent(target) + ": " + count(needed.value()) + " ["
                    + count(needed.low()) + ", " + count(needed.high()) + "]"
                    + (Double.isInfinite(needed.high())
                            ? "; beyond " + Math.round(most * LabelCurve.FARTHEST) + " labels nothing is said"
                            : ""));
        }
        return lines;
    }

    /** The document. */
    public ObjectNode json() {
        ObjectNode root =
                Schema.LABEL_ORDER.document().put("images", unlabelled.size()).put("copies", order.twins());
        root.set("classes", Json.of(classes));
        ArrayNode picks = root.putArray("next");
        for (Pick p : order.picks()) {
            ObjectNode node = picks.addObject()
                    .put("file", unlabelled.name(p.image()))
                    .put("stands_for", p.standsFor())
                    .put("doubt", AuditJson.rounded(p.doubt()));
            if (p.first() >= 0) {
                node.put("first", classes.get(p.first())).put("first_probability", AuditJson.rounded(p.ofFirst()));
            }
            if (p.second() >= 0) {
                node.put("second", classes.get(p.second())).put("second_probability", AuditJson.rounded(p.ofSecond()));
            }
        }
        LabelCurve of = curve;
        if (of != null) {
            ObjectNode node = root.putObject("curve").put("evaluated", of.evaluated());
            node.set("labels", Json.of(of.sizes()));
            node.set("accuracy", Json.of(of.accuracy()));
            between(node.putObject("twice"), of.accuracy(2.0 * of.most()));
            if (target != null) {
                between(node.put("target_accuracy", target).putObject("needed"), of.labels(target));
            }
        }
        root.set("notes", Json.of(notes));
        return root;
    }

    static void between(ObjectNode node, LabelCurve.Between between) {
        node.set("value", Json.of(finite(between.value())));
        node.set("low", Json.of(finite(between.low())));
        node.set("high", Json.of(finite(between.high())));
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? AuditJson.rounded(value) : null;
    }

    /** The list as a table; the column {@code label} is to be filled in. */
    public String table() {
        StringBuilder text = new StringBuilder(
                Csv.line(List.of("order", "file", "label", "stands_for", "doubt", "likeliest", "probability")));
        for (int i = 0; i < order.picks().size(); i++) {
            Pick p = order.picks().get(i);
            text.append(Csv.line(List.of(
                    String.valueOf(i + 1),
                    unlabelled.name(p.image()),
                    "",
                    String.valueOf(p.standsFor()),
                    String.format(Locale.ROOT, "%.3f", p.doubt()),
                    p.first() < 0 ? "" : classes.get(p.first()),
                    p.first() < 0 ? "" : String.format(Locale.ROOT, "%.3f", p.ofFirst()))));
        }
        return text.toString();
    }

    /** A contact sheet of the first images as an HTML file that loads nothing. */
    public String page() {
        ObjectNode data = json();
        ArrayNode thumbnails = data.putArray("thumbnails");
        order.picks().stream().limit(SHEET).forEach(p -> thumbnails.add(thumbnail(p.image())));
        data.set("sentences", Json.of(sentences()));
        return OneFilePage.of(
                        OneFilePage.resource(LabelNext.class, "audit.html").replace("Residual audit", "Label next"),
                        OneFilePage.resource(LabelNext.class, "audit.css"),
                        OneFilePage.resource(LabelNext.class, "label-next.js"),
                        data,
                        "")
                .html();
    }

    private String thumbnail(int image) {
        try {
            return Thumbnails.of(unlabelled.read(image));
        } catch (UnreadableImageException e) {
            return "";
        }
    }
}
