package io.residual.probing;

import io.residual.base.Progress;
import io.residual.base.RandomOrder;
import io.residual.description.Description;
import io.residual.description.Dictionary;
import io.residual.description.MatchingPursuit;
import io.residual.description.TextSpan;
import io.residual.images.Preprocessing;
import io.residual.model.ImageTextModel;
import io.residual.probing.Factor.Sentence;
import io.residual.provenance.ContentHash;
import io.residual.provenance.Provenance;
import io.residual.spectrum.Coordinates;
import io.residual.spectrum.Pca;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.UnitStatistics;
import io.residual.tensor.NativeScope;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.units.UnitFrame;
import io.residual.units.UnitId;
import io.residual.units.UnitPoints;
import io.residual.world.Attributes;
import io.residual.world.CaptionedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Which attribute each component of each unit encodes, whether heads specialise, and whether the words that TextSpan and
 * matching pursuit find name the attribute that is really there. Photographs cannot answer this: nobody knows what is
 * true of them.
 */
public final class AttributeProbing {
    private static final int BATCH = 32;
    private static final int PERMUTATIONS = 200;
    private static final double VARIANCE = .9;
    private static final int TEXTS = 3;

    /**
     * One component.
     *
     * @param share of its unit's variance
     * @param strength ε² of each factor, in the order of {@link Factor}
     */
    public record Component(UnitId unit, int index, double share, double[] strength) {
        /** The factor that explains most. */
        public Factor best() {
            int best = 0;
            for (int f = 1; f < strength.length; f++) {
                best = strength[f] > strength[best] ? f : best;
            }
            return Factor.values()[best];
        }

        /** How much it explains. */
        public double bestStrength() {
            return strength[best().ordinal()];
        }
    }

    /**
     * Whether words name what is there.
     *
     * @param method how they were found
     * @param asked units or components whose attribute is beyond chance and has words at all
     * @param first of these, how many whose first word names the attribute
     * @param among of these, how many where one of the first three does
     * @param chance what {@code first} would be on average if the words of a layer's units were dealt out among them at
     *     random
     * @param sentence what {@code first} would be on average for a sentence drawn from the dictionary at random
     * @param probability of at least {@code first} by such dealing
     * @param levelAsked of {@code first}, those with a direction
     * @param levelRight of these, how many name the very level that lies furthest out on the side that the sign says
     * @param levelChance what that would be on average for a level drawn at random
     */
    public record Words(
            String method,
            int asked,
            int first,
            int among,
            double chance,
            double sentence,
            double probability,
            int levelAsked,
            int levelRight,
            double levelChance) {}

    /**
     * Whether components of one head encode the same factor.
     *
     * @param heads how many have two components or more beyond chance
     * @param agreement share of a head's encoded variance that its main factor takes, averaged over heads
     * @param chance the same after dealing out the factors of a layer's components at random, each keeping its amount
     * @param probability of at least {@code agreement} by such dealing
     */
    public record Specialisation(int heads, double agreement, double chance, double probability) {}

    /**
     * The findings.
     *
     * @param components of every unit, up to nine tenths of its variance
     * @param chance largest ε² of any component and factor that shuffled images reach in 95 of 100 cases
     */
    public record Result(
            int images,
            List<Component> components,
            double chance,
            Specialisation specialisation,
            List<Words> words,
            Provenance provenance) {}

    private final ImageTextModel model;
    private final Tracer tracer;
    private final Progress progress;
    private final long seed;

    /** A study of a model with a text tower. */
    public AttributeProbing(ImageTextModel model, long seed, Progress progress) {
        this.model = model;
        this.tracer = new Tracer(model);
        this.seed = seed;
        this.progress = progress;
    }

    private record Sample(Trace<?> trace, int[][] levels) {}

    /** Draws images as pre-training does, from a seed of their own, and studies them. */
    public Result run(int images) {
        Sample sample = sample(images);
        UnitFrame frame = tracer.frame();
        List<Component> components = new ArrayList<>();
        List<double[]> values = new ArrayList<>();
        List<Spectrum> spectra = Pca.of(sample.trace, sample.trace.shape().ids());
        progress.start("components", spectra.size());
        int done = 0;
        for (Spectrum spectrum : spectra) {
            int kept = spectrum.unit().kind() == UnitId.Kind.EMBEDDING ? 0 : spectrum.kept(VARIANCE);
            if (kept > 0) {
                UnitPoints points = UnitPoints.of(sample.trace, spectrum.unit());
                double[] rows = Coordinates.along(points, frame, spectrum, 0, kept);
                for (int k = 0; k < kept; k++) {
                    double[] column = new double[images];
                    for (int i = 0; i < images; i++) {
                        column[i] = rows[i * kept + k];
                    }
                    values.add(column);
                    components.add(new Component(
                            spectrum.unit(),
                            k,
                            spectrum.eigenvalues()[k] / spectrum.totalVariance(),
                            strengths(column, sample.levels)));
                }
            }
            progress.at(++done);
        }
        progress.finish();
        double chance = chance(values, sample.levels);
        return new Result(
                images,
                components,
                chance,
                specialisation(components, chance),
                words(sample, spectra, components, values, chance),
                sample.trace.provenance());
    }

    private Sample sample(int images) {
        Preprocessing preprocessing = model.preprocessing();
        List<TraceBlock> blocks = new ArrayList<>();
        int[][] levels = new int[Factor.values().length][images];
        ContentHash hash = new ContentHash();
        double error = 0;
        progress.start("tracing images with known attributes", images);
        for (int from = 0; from < images; from += BATCH) {
            int size = Math.min(BATCH, images - from);
            List<CaptionedImage> batch = CaptionedImage.batch(seed, from / BATCH, size, false, false);
            float[] pixels = new float[size * preprocessing.inputLength()];
            for (int i = 0; i < size; i++) {
                preprocessing.apply(batch.get(i).image(), pixels, i * preprocessing.inputLength());
                hash.add(batch.get(i).image().rgb());
                Attributes attributes = batch.get(i).attributes();
                for (Factor factor : Factor.values()) {
                    levels[factor.ordinal()][from + i] = factor.level(attributes);
                }
            }
            TraceBlock block = tracer.encode(pixels, new int[size], Collections.nCopies(size, "world"));
            try (NativeScope scope = NativeScope.inference()) {
                error = Math.max(error, block.decompositionError(tracer.frame()));
            }
            blocks.add(block);
            progress.at(from + (long) size);
        }
        progress.finish();
        Provenance provenance = Provenance.now(
                        model.hash(), hash.hex(), seed, error, Map.of("images", String.valueOf(images)))
                .checked(model.selfCheck());
        return new Sample(new Trace<>(tracer.frame(), blocks, List.of(), provenance), levels);
    }

    private static double[] strengths(double[] values, int[][] levels) {
        double[] strengths = new double[levels.length];
        for (Factor factor : Factor.values()) {
            strengths[factor.ordinal()] = Association.epsilonSquared(values, levels[factor.ordinal()], factor.levels());
        }
        return strengths;
    }

    /** The 95th percentile over shuffles of the largest statistic anywhere: what nothing at all would look like. */
    private double chance(List<double[]> values, int[][] levels) {
        double[] largest = new double[PERMUTATIONS];
        Random random = new Random(seed);
        progress.start("chance level", PERMUTATIONS);
        for (int p = 0; p < PERMUTATIONS; p++) {
            int[] order = RandomOrder.of(levels[0].length, random);
            int[][] dealt = new int[levels.length][];
            for (int f = 0; f < levels.length; f++) {
                int[] row = levels[f];
                dealt[f] = Arrays.stream(order).map(i -> row[i]).toArray();
            }
            for (double[] column : values) {
                for (double strength : strengths(column, dealt)) {
                    largest[p] = Math.max(largest[p], strength);
                }
            }
            progress.at(p + 1L);
        }
        progress.finish();
        Arrays.sort(largest);
        return largest[(int) Math.ceil(.95 * PERMUTATIONS) - 1];
    }

    /** Components beyond chance of a layer's heads, as {layer, head, factor} with what each explains of its unit. */
    private record Encoded(int layer, int head, Factor factor, double amount) {}

    private Specialisation specialisation(List<Component> components, double chance) {
        List<Encoded> encoded = new ArrayList<>();
        for (Component c : components) {
            if (c.unit.kind() == UnitId.Kind.HEAD && c.bestStrength() > chance) {
                encoded.add(new Encoded(c.unit.layer(), c.unit.head(), c.best(), c.share * c.bestStrength()));
            }
        }
        int heads = (int) encoded.stream()
                .map(e -> e.layer * 1000 + e.head)
                .filter(id -> encoded.stream()
                                .filter(e -> e.layer * 1000 + e.head == id)
                                .count()
                        > 1)
                .distinct()
                .count();
        double agreement = agreement(encoded);
        if (heads == 0) {
            return new Specialisation(0, 0, 0, 1);
        }
        Random random = new Random(seed);
        double sum = 0;
        int atLeast = 0;
        int rounds = 1000;
        for (int r = 0; r < rounds; r++) {
            double dealt = agreement(dealt(encoded, random));
            sum += dealt;
            atLeast += dealt >= agreement ? 1 : 0;
        }
        return new Specialisation(heads, agreement, sum / rounds, (atLeast + 1.0) / (rounds + 1));
    }

    /** The same heads with the same amounts, but the factors of the layer's components dealt out anew. */
    private static List<Encoded> dealt(List<Encoded> encoded, Random random) {
        List<Encoded> out = new ArrayList<>();
        int layers = encoded.stream().mapToInt(Encoded::layer).max().orElse(-1) + 1;
        for (int l = 0; l < layers; l++) {
            int layer = l;
            List<Encoded> here = encoded.stream().filter(e -> e.layer == layer).toList();
            List<Encoded> shuffledHere = new ArrayList<>(here);
            Collections.shuffle(shuffledHere, random);
            for (int i = 0; i < here.size(); i++) {
                Encoded e = here.get(i);
                out.add(new Encoded(layer, e.head, shuffledHere.get(i).factor, e.amount));
            }
        }
        return out;
    }

    /** The main factor's share of what a head encodes, averaged over heads with two components or more. */
    private static double agreement(List<Encoded> encoded) {
        double sum = 0;
        int heads = 0;
        for (int id : encoded.stream()
                .mapToInt(e -> e.layer * 1000 + e.head)
                .distinct()
                .toArray()) {
            List<Encoded> own =
                    encoded.stream().filter(e -> e.layer * 1000 + e.head == id).toList();
            if (own.size() > 1) {
                double[] byFactor = new double[Factor.values().length];
                own.forEach(e -> byFactor[e.factor.ordinal()] += e.amount);
                sum += Arrays.stream(byFactor).max().orElse(0)
                        / Arrays.stream(byFactor).sum();
                heads++;
            }
        }
        return heads == 0 ? Double.NaN : sum / heads;
    }

    /** Truth and the words found for it. {@code values}, where the words have a direction, are the coordinates. */
    private record Named(
            int layer,
            Factor truth,
            List<Description.Term> terms,
            double @org.jspecify.annotations.Nullable [] values) {}

    private List<Words> words(
            Sample sample, List<Spectrum> spectra, List<Component> components, List<double[]> values, double chance) {
        List<Sentence> sentences = Factor.sentences();
        Dictionary dictionary =
                Dictionary.of(sentences.stream().map(Sentence::text).toList(), model);
        List<Named> omp = new ArrayList<>();
        List<Named> span = new ArrayList<>();
        List<Named> somp = new ArrayList<>();
        UnitPoints points = null;
        UnitStatistics statistics = null;
        progress.start("words", components.size());
        for (int i = 0; i < components.size(); i++) {
            Component c = components.get(i);
            Spectrum spectrum = spectra.get(sample.trace.shape().index(c.unit));
            if (c.index == 0 || points == null || statistics == null) { // the components of a unit follow one another
                points = UnitPoints.of(sample.trace, c.unit);
                try (NativeScope scope = NativeScope.inference()) {
                    statistics = UnitStatistics.of(c.unit, points.coordinates());
                }
            }
            int d = spectrum.mean().length;
            if (c.bestStrength() > chance && c.best().isNamed()) {
                double[] direction = Arrays.copyOfRange(spectrum.components(), c.index * d, (c.index + 1) * d);
                omp.add(new Named(
                        c.unit.layer(),
                        c.best(),
                        MatchingPursuit.ofDirection(direction, statistics, tracer.frame(), dictionary, TEXTS)
                                .terms(),
                        values.get(i)));
            }
            if (c.index == 0 && c.unit.kind() == UnitId.Kind.HEAD) {
                Factor main = main(components, c.unit, chance);
                if (main != null && main.isNamed()) {
                    span.add(new Named(
                            c.unit.layer(),
                            main,
                            TextSpan.of(statistics, tracer.frame(), dictionary, TEXTS, spectrum.kept(.99) + 1)
                                    .terms(),
                            null));
                    somp.add(new Named(
                            c.unit.layer(),
                            main,
                            MatchingPursuit.ofImages(points, tracer.frame(), dictionary, TEXTS)
                                    .terms(),
                            null));
                }
            }
            progress.at(i + 1L);
        }
        progress.finish();
        return List.of(
                score("OMP, every component of heads and MLPs", omp, sentences, sample.levels),
                score("TextSpan, every head", span, sentences, sample.levels),
                score("SOMP, every head", somp, sentences, sample.levels));
    }

    /** The factor that explains most of a unit's variance; null if nothing lies beyond chance. */
    static @org.jspecify.annotations.Nullable Factor main(List<Component> components, UnitId unit, double chance) {
        double[] amounts = amounts(components, unit);
        boolean any = components.stream().anyMatch(c -> c.unit.equals(unit) && c.bestStrength() > chance);
        int best = 0;
        for (int f = 1; f < amounts.length; f++) {
            best = amounts[f] > amounts[best] ? f : best;
        }
        return any ? Factor.values()[best] : null;
    }

    /** What each factor explains of a unit's variance, over its components. */
    public static double[] amounts(List<Component> components, UnitId unit) {
        double[] amounts = new double[Factor.values().length];
        for (Component c : components) {
            if (c.unit.equals(unit)) {
                for (int f = 0; f < amounts.length; f++) {
                    amounts[f] += c.share * Math.max(0, c.strength[f]);
                }
            }
        }
        return amounts;
    }

    private Words score(String method, List<Named> named, List<Sentence> sentences, int[][] levels) {
        int first = 0;
        int among = 0;
        int levelAsked = 0;
        int levelRight = 0;
        double levelChance = 0;
        double sentence = 0;
        List<Factor> truths = new ArrayList<>();
        List<Factor> said = new ArrayList<>();
        List<Integer> layers = new ArrayList<>();
        for (Named each : named) {
            if (each.terms.isEmpty()) {
                continue;
            }
            Sentence top = sentences.get(each.terms.get(0).index());
            truths.add(each.truth);
            said.add(top.factor());
            layers.add(each.layer);
            sentence += (double) sentences.stream()
                            .filter(x -> x.factor() == each.truth)
                            .count()
                    / sentences.size();
            first += top.factor() == each.truth ? 1 : 0;
            among += each.terms.stream().anyMatch(t -> sentences.get(t.index()).factor() == each.truth) ? 1 : 0;
            if (top.factor() == each.truth && each.values != null) {
                int extreme = Association.extremeLevel(
                        each.values,
                        levels[each.truth.ordinal()],
                        each.truth.levels(),
                        Math.signum(each.terms.get(0).weight()));
                levelAsked++;
                levelRight += extreme == top.level() ? 1 : 0;
                levelChance += 1.0 / each.truth.levels();
            }
        }
        Random random = new Random(seed);
        int rounds = 2_000;
        double sum = 0;
        int atLeast = 0;
        for (int r = 0; r < rounds; r++) {
            int right = 0;
            for (int layer : layers.stream().distinct().toList()) {
                List<Integer> here = IntStream.range(0, layers.size())
                        .filter(i -> layers.get(i) == layer)
                        .boxed()
                        .toList();
                List<Factor> dealt =
                        new ArrayList<>(here.stream().map(said::get).toList());
                Collections.shuffle(dealt, random);
                for (int i = 0; i < dealt.size(); i++) {
                    right += dealt.get(i) == truths.get(here.get(i)) ? 1 : 0;
                }
            }
            sum += right;
            atLeast += right >= first ? 1 : 0;
        }
        return new Words(
                method,
                truths.size(),
                first,
                among,
                sum / rounds,
                sentence,
                (atLeast + 1.0) / (rounds + 1),
                levelAsked,
                levelRight,
                levelChance);
    }
}
