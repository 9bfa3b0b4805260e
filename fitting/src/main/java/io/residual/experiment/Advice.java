package io.residual.experiment;

import io.residual.adapt.Method;
import io.residual.zeroshot.Accuracy;
import io.residual.zeroshot.PairedDifference;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What test results do not show, one sentence each: what is so, and what to do next. It holds for every command that tests:
 * too few test images, methods at chance, a target of selective accuracy that the test missed, and methods that cannot be told
 * apart. Nothing is selected by it.
 */
public final class Advice {
    /** Below this many test images the 95 % interval of an accuracy is up to 20 points wide and more. */
    static final int FEW = 100;

    private static final double LEVEL = .05;

    private Advice() {}

    /**
     * A tested method.
     *
     * @param name as tables have it
     * @param base whether it is the unadapted model
     * @param target target accuracy on the images that are not rejected
     */
    public record Tested(String name, boolean base, double target, TestScore score) {
        /** The tested method of a fit; opens the test split if that has not happened. */
        public static Tested of(Fit fit) {
            return new Tested(
                    fit.method().label(),
                    fit.method() == Method.BASE,
                    fit.calibration().targetAccuracy(),
                    fit.test());
        }

        private Accuracy accuracy() {
            return score.accuracy();
        }
    }

    /** The advice on methods that were tested on the same images. */
    public static List<String> on(List<Tested> methods) {
        List<String> all = new ArrayList<>();
        if (!methods.isEmpty()) {
            add(all, few(methods.stream().map(Tested::accuracy).toList()));
            add(all, chance(methods));
            add(all, missed(methods));
            add(all, alike(methods));
        }
        return all;
    }

    /** The advice on methods with few labels, whose recommendations say what is at chance. */
    public static List<String> onShots(List<FewShots.Shot> fits) {
        List<String> all = new ArrayList<>();
        if (!fits.isEmpty()) {
            add(all, few(fits.stream().map(FewShots.Shot::test).toList()));
        }
        return all;
    }

    /**
     * The advice on what validation calibrates: a temperature and a rejection threshold.
     *
     * @param images validation images
     */
    public static List<String> onCalibration(int images) {
        return images >= FEW
                ? List.of()
                : List.of(String.format(
                        Locale.ROOT,
                        "temperature and rejection threshold are from %d validation %s, fewer than %d: probabilities"
                                + " and \"unsure\" may mislead; give more (--validation, --validation-share)",
                        images,
                        images == 1 ? "image" : "images",
                        FEW));
    }

    /** The advice that goes with an adapter's file to whoever uses it. */
    public static List<String> onUse(Tested method) {
        List<String> all = new ArrayList<>();
        add(all, chance(List.of(method)));
        add(all, missed(List.of(method)));
        return all;
    }

    private static void add(List<String> all, @Nullable String sentence) {
        if (sentence != null) {
            all.add(sentence);
        }
    }

    private static @Nullable String few(List<Accuracy> tests) {
        int images = tests.get(0).of();
        double widest =
                tests.stream().mapToDouble(a -> a.high() - a.low()).max().orElse(0);
        return images >= FEW
                ? null
                : String.format(
                        Locale.ROOT,
                        "%d test %s few: the 95 %% interval of an accuracy is up to %.0f points wide; test on %d or"
                                + " more before you rely on a difference (more labelled images, or a larger --test-share)",
                        images,
                        images == 1 ? "image is" : "images are",
                        100 * widest,
                        FEW);
    }

    private static @Nullable String chance(List<Tested> methods) {
        TestScore any = methods.get(0).score;
        double chance = chance(any);
        List<Tested> at =
                methods.stream().filter(m -> atChance(m.accuracy(), chance)).toList();
        if (at.isEmpty()) {
            return null;
        }
        boolean even = chance * any.classes().size() < 1 + 1e-9;
        return String.format(
                Locale.ROOT,
                "not distinguishable from chance: %s; the 95 %% %s %.1f %%, which %s; check the labels (residual"
                        + " datasets), give more of them, or take another model (--model)",
                at.stream()
                        .map(m -> String.format(
                                Locale.ROOT,
                                "%s (%.1f %%)",
                                m.name,
                                100 * m.accuracy().value()))
                        .collect(Collectors.joining(", ")),
                at.size() == 1 ? "interval includes" : "intervals include",
                100 * chance,
                even
                        ? "guessing one of " + any.classes().size() + " classes reaches"
                        : "always answering the most frequent class reaches");
    }

    /** The accuracy of the better of two guesses: any class, or always the class with the most test images. */
    static double chance(TestScore score) {
        int most = score.classes().stream()
                .filter(Objects::nonNull)
                .mapToInt(Accuracy::of)
                .max()
                .orElse(0);
        return Math.max(
                1.0 / Math.max(1, score.classes().size()),
                (double) most / score.accuracy().of());
    }

    /** Whether an accuracy's 95 % interval includes chance, or lies below it. */
    static boolean atChance(Accuracy accuracy, double chance) {
        return accuracy.low() <= chance;
    }

    private static @Nullable String missed(List<Tested> methods) {
        List<Tested> missed = methods.stream().filter(Advice::missed).toList();
        return missed.isEmpty()
                ? null
                : String.format(
                        Locale.ROOT,
                        "the target of %.0f %% right among the images that are not rejected was missed on the test:"
                                + " %s; do not rely on \"unsure\" there, and give more validation images"
                                + " (--validation-share)",
                        100 * missed.get(0).target,
                        missed.stream()
                                .map(m -> m.name + " (" + m.score.reliability().acceptedRight() + " of "
                                        + m.score.reliability().acceptedImages() + ")")
                                .collect(Collectors.joining(", ")));
    }

    /** Whether the 95 % interval of the selective accuracy lies below its target. */
    private static boolean missed(Tested method) {
        TestScore.Reliability r = method.score.reliability();
        return r.acceptedImages() > 0 && new Accuracy(r.acceptedRight(), r.acceptedImages()).high() < method.target;
    }

    private static @Nullable String alike(List<Tested> methods) {
        List<Tested> adapted = methods.stream().filter(m -> !m.base).toList();
        Tested base = methods.stream().filter(m -> m.base).findFirst().orElse(null);
        Tested best = adapted.stream()
                .max(Comparator.comparingDouble(m -> m.accuracy().value()))
                .orElse(null);
        if (best == null) {
            return null;
        }
        int images = best.accuracy().of();
        if (base != null && adapted.stream().noneMatch(m -> better(m, base))) {
            boolean known = adapted.stream().allMatch(m -> m.score.right() != null) && base.score.right() != null;
            return known
                    ? String.format(
                            Locale.ROOT,
                            "%s on these %d test images (McNemar's test, 5 %%): they do not show that it pays to"
                                    + " adapt; test on more images, or give more labelled ones to fit",
                            adapted.size() == 1
                                    ? best.name + " is not distinguishable from Base"
                                    : "no method is distinguishably better than Base",
                            images)
                    : null;
        }
        List<String> alike = adapted.stream()
                .filter(m -> indistinguishable(m, best))
                .map(Tested::name)
                .toList();
        return alike.size() < 2
                ? null
                : String.join(", ", alike) + " cannot be told apart on these " + images
                        + " test images (McNemar's test, 5 %): choose by validation accuracy and parameters, or test"
                        + " on more images";
    }

    private static boolean better(Tested a, Tested b) {
        return a.accuracy().value() > b.accuracy().value()
                && a.score.right() != null
                && b.score.right() != null
                && !indistinguishable(a, b);
    }

    private static boolean indistinguishable(Tested a, Tested b) {
        BitSet first = a.score.right();
        BitSet second = b.score.right();
        return first != null && second != null && mcNemar(first, second) > LEVEL;
    }

    /** The two-sided p-value of McNemar's exact test ({@link PairedDifference#p(int, int)}). */
    static double mcNemar(BitSet a, BitSet b) {
        BitSet aAlone = (BitSet) a.clone();
        aAlone.andNot(b);
        BitSet bAlone = (BitSet) b.clone();
        bAlone.andNot(a);
        return PairedDifference.p(bAlone.cardinality(), aAlone.cardinality());
    }
}
