package io.residual.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.description.Description;
import io.residual.description.Dictionary;
import io.residual.description.MatchingPursuit;
import io.residual.description.TextSpan;
import io.residual.model.TextTokenizer.Overlong;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.UnitStatistics;
import io.residual.units.TraceBlock;
import io.residual.units.UnitId;
import io.residual.units.UnitPoints;
import java.util.Arrays;
import java.util.List;

/** Units in words: the texts that each method chooses. */
final class WordChecks {
    private final Fixture fixture;
    private final Found found;

    WordChecks(Fixture fixture, Found found) {
        this.fixture = fixture;
        this.found = found;
    }

    void words(JsonNode source, List<Spectrum> spectra, TraceBlock a) {
        List<String> entries = Fixture.strings(source, "dictionary");
        Dictionary dictionary = Dictionary.of(entries, fixture.model().encodeTexts(entries, Overlong.CUT));
        int wrongSpan = 0;
        int wrongOmp = 0;
        int wrongSomp = 0;
        double worstCoefficient = 0;
        double worstExplained = 0;
        List<UnitId> heads = a.shape().headIds();
        for (int i = 0; i < heads.size(); i++) {
            JsonNode span = fixture.json().path("text_span").path(i);
            wrongSpan += same(
                    span,
                    TextSpan.of(
                            UnitStatistics.of(a, heads.get(i)),
                            fixture.frame(),
                            dictionary,
                            span.path("chosen").size(),
                            span.path("rank").intValue()));
            JsonNode omp = fixture.json().path("omp_first_component").path(i);
            double[] first =
                    Arrays.copyOf(spectra.get(1 + i).components(), a.shape().sharedWidth());
            Description direction = MatchingPursuit.ofDirection(
                    first,
                    UnitStatistics.of(a, heads.get(i)),
                    fixture.frame(),
                    dictionary,
                    omp.path("chosen").size());
            wrongOmp += same(omp, direction);
            double[] want = Fixture.doubles(omp.path("coefficients_abs"));
            if (want.length != direction.terms().size()) {
                worstCoefficient = Double.NaN;
            }
            for (int k = 0; k < Math.min(want.length, direction.terms().size()); k++) {
                double weight = Math.abs(direction.terms().get(k).weight());
                worstCoefficient = Math.max(worstCoefficient, Math.abs(weight - want[k]));
            }
            JsonNode somp = fixture.json().path("somp").path(i);
            Description images = MatchingPursuit.ofImages(
                    UnitPoints.of(fixture.asTrace(a), heads.get(i)),
                    fixture.frame(),
                    dictionary,
                    somp.path("chosen").size());
            wrongSomp += same(somp, images);
            double explained = images.terms().isEmpty()
                    ? 0
                    : images.terms().get(images.terms().size() - 1).explained();
            worstExplained = Math.max(
                    worstExplained, Math.abs(explained - somp.path("explained").doubleValue()));
        }
        found.count("text_span", wrongSpan, "heads with other texts");
        found.count("omp_first_component", wrongOmp, "heads with other texts");
        found.add(new Check("omp_first_component coefficients", worstCoefficient, Tolerance.SCORES, "absolute"));
        found.count("somp", wrongSomp, "heads with other texts");
        found.add(new Check("somp explained", worstExplained, Tolerance.SCORES, "absolute"));
    }

    private static int same(JsonNode want, Description got) {
        int[] chosen = new int[want.path("chosen").size()];
        Arrays.setAll(chosen, k -> want.path("chosen").path(k).intValue());
        return Arrays.equals(chosen, got.indices()) ? 0 : 1;
    }
}
