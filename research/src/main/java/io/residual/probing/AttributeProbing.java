package io.residual.probing;

import io.residual.base.Progress;
import io.residual.description.Dictionary;
import io.residual.description.MatchingPursuit;
import io.residual.description.TextSpan;
import io.residual.model.ImageTextModel;
import io.residual.probing.Factor.Sentence;
import io.residual.probing.WordScore.Named;
import io.residual.provenance.Provenance;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.UnitStatistics;
import io.residual.tensor.NativeScope;
import io.residual.units.Tracer;
import io.residual.units.UnitId;
import io.residual.units.UnitPoints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which attribute each component of each unit encodes, whether heads specialise, and whether the words that TextSpan and
 * matching pursuit find name the attribute that is really there. Photographs cannot answer this: nobody knows what is
 * true of them.
 */
public final class AttributeProbing {
    private static final int TEXTS = 3;

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
            List<WordScore> words,
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

    /** Draws images as pre-training does, from a seed of their own, and studies them. */
    public Result run(int images) {
        KnownImages known = KnownImages.draw(model, tracer, images, seed, progress);
        Encodings found = Encodings.of(known.trace(), known.levels(), progress);
        double chance = found.chance(known.levels(), seed, progress);
        return new Result(
                images,
                found.components(),
                chance,
                Specialisation.of(found.components(), chance, seed),
                words(known, found, chance),
                known.trace().provenance());
    }

    private List<WordScore> words(KnownImages known, Encodings found, double chance) {
        List<Sentence> sentences = Factor.sentences();
        Dictionary dictionary =
                Dictionary.of(sentences.stream().map(Sentence::text).toList(), model);
        List<Component> components = found.components();
        List<Named> omp = new ArrayList<>();
        List<Named> span = new ArrayList<>();
        List<Named> somp = new ArrayList<>();
        UnitPoints points = null;
        UnitStatistics statistics = null;
        progress.start("words", components.size());
        for (int i = 0; i < components.size(); i++) {
            Component c = components.get(i);
            UnitId unit = c.unit();
            Spectrum spectrum = found.spectra().get(known.trace().shape().index(unit));
            if (c.index() == 0 || points == null || statistics == null) { // the components of a unit follow one another
                points = UnitPoints.of(known.trace(), unit);
                try (NativeScope scope = NativeScope.inference()) {
                    statistics = UnitStatistics.of(unit, points.coordinates());
                }
            }
            int d = spectrum.mean().length;
            if (c.bestStrength() > chance && c.best().isNamed()) {
                double[] direction = Arrays.copyOfRange(spectrum.components(), c.index() * d, (c.index() + 1) * d);
                omp.add(new Named(
                        unit.layer(),
                        c.best(),
                        MatchingPursuit.ofDirection(direction, statistics, tracer.frame(), dictionary, TEXTS)
                                .terms(),
                        found.values().get(i)));
            }
            if (c.index() == 0 && unit.kind() == UnitId.Kind.HEAD) {
                Factor main = Component.main(components, unit, chance);
                if (main != null && main.isNamed()) {
                    span.add(new Named(
                            unit.layer(),
                            main,
                            TextSpan.of(statistics, tracer.frame(), dictionary, TEXTS, spectrum.kept(.99) + 1)
                                    .terms(),
                            null));
                    somp.add(new Named(
                            unit.layer(),
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
                WordScore.of("OMP, every component of heads and MLPs", omp, sentences, known.levels(), seed),
                WordScore.of("TextSpan, every head", span, sentences, known.levels(), seed),
                WordScore.of("SOMP, every head", somp, sentences, known.levels(), seed));
    }
}
