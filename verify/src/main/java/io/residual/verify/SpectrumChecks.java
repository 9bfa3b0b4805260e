package io.residual.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.spectrum.Pca;
import io.residual.spectrum.SpectralSimilarity;
import io.residual.spectrum.Spectrum;
import io.residual.spectrum.TwoNn;
import io.residual.units.TraceBlock;
import io.residual.units.UnitId;
import io.residual.units.UnitPoints;
import io.residual.units.UnitShape;
import java.util.List;

/** The spectra of units and their dimensions. */
final class SpectrumChecks {
    private final Fixture fixture;
    private final Found found;

    SpectrumChecks(Fixture fixture, Found found) {
        this.fixture = fixture;
        this.found = found;
    }

    List<Spectrum> spectra(TraceBlock a) {
        UnitShape shape = a.shape();
        List<Spectrum> spectra = Pca.of(fixture.asTrace(a), shape.ids());
        int d = shape.sharedWidth();
        float[] wantValues = fixture.floats("a.eigenvalues");
        float[] wantFirst = fixture.floats("a.first_component");
        float[] mean = new float[shape.units() * d];
        double worstValue = 0;
        double worstFirst = 0;
        int wrong90 = 0;
        int wrong99 = 0;
        double worstShare = 0;
        double worstRatio = 0;
        for (int u = 0; u < shape.units(); u++) {
            Spectrum s = spectra.get(u);
            for (int k = 0; k < d; k++) {
                double got = k < s.rank() ? s.eigenvalues()[k] : 0;
                worstValue = Math.max(worstValue, Math.abs(got - wantValues[u * d + k]) / wantValues[u * d]);
                mean[u * d + k] = (float) s.mean()[k];
            }
            double dot = 0;
            double square = 0;
            for (int k = 0; k < d; k++) {
                dot += s.components()[k] * wantFirst[u * d + k];
                square += (double) wantFirst[u * d + k] * wantFirst[u * d + k];
            }
            double length = Math.sqrt(square);
            worstFirst = Math.max(worstFirst, Math.max(Math.abs(1 - Math.abs(dot) / length), Math.abs(1 - length)));
            JsonNode want = fixture.json().path("spectrum").path(u);
            wrong90 += s.kept(.9) == want.path("kept_90").doubleValue() ? 0 : 1;
            wrong99 += s.kept(.99) == want.path("kept_99").doubleValue() ? 0 : 1;
            worstShare = Math.max(
                    worstShare, Math.abs(s.firstShare() - want.path("first_evr").doubleValue()));
            double ratio = want.path("participation_ratio").doubleValue();
            worstRatio = Math.max(worstRatio, Math.abs(s.participationRatio() / ratio - 1));
        }
        found.add(new Check("a.eigenvalues", worstValue, Tolerance.EIGENVALUES, "relative to the unit's largest"));
        found.add(new Check("a.first_component", worstFirst, Tolerance.EIGENVALUES, "1 - |cosine|, or 1 - length"));
        found.values("a.unit_mean", mean);
        found.count("spectrum kept_90", wrong90, "units with another count");
        found.count("spectrum kept_99", wrong99, "units with another count");
        found.add(new Check("spectrum first_evr", worstShare, Tolerance.EIGENVALUES, "absolute"));
        found.add(new Check("spectrum participation_ratio", worstRatio, Tolerance.EIGENVALUES, "relative"));
        return spectra;
    }

    void geometry(List<Spectrum> spectra, TraceBlock a, TraceBlock b) {
        UnitShape shape = a.shape();
        double worst = 0;
        for (UnitId unit : shape.ids()) {
            double want = fixture.json()
                    .path("spectrum")
                    .path(shape.index(unit))
                    .path("two_nn")
                    .doubleValue();
            worst = Math.max(
                    worst,
                    Math.abs(TwoNn.dimension(UnitPoints.of(fixture.asTrace(a), unit), fixture.frame()) / want - 1));
        }
        found.add(new Check("spectrum two_nn", worst, Tolerance.DIMENSIONS, "relative"));
        List<Spectrum> other = Pca.of(fixture.asTrace(b), shape.headIds());
        double[] got = new double[shape.allHeads()];
        for (int i = 0; i < got.length; i++) {
            got[i] = SpectralSimilarity.of(spectra.get(1 + i), other.get(i), .9);
        }
        found.absolute(
                "spectral_similarity_a_b",
                got,
                Fixture.doubles(fixture.json().path("spectral_similarity_a_b")),
                Tolerance.SCORES);
    }
}
