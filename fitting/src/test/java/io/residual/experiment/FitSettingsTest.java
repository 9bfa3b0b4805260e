package io.residual.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.adapt.ComponentDesign.Means;
import io.residual.adapt.ComponentDesign.Others;
import io.residual.adapt.Method;
import io.residual.base.InputException;
import io.residual.base.JsonObject;
import io.residual.fit.AlignmentSettings;
import io.residual.fit.AlignmentSettings.Epochs;
import io.residual.fit.AlignmentSettings.Optimiser;
import io.residual.fit.AlignmentSettings.Path;
import io.residual.fit.FineTuner;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FitSettingsTest {
    /** Such as {@code variance=.5 fit=adamw}. */
    private static JsonObject options(String given) {
        Map<String, String> all = Arrays.stream(given.split(" "))
                .filter(s -> !s.isEmpty())
                .map(s -> s.split("=", 2))
                .collect(Collectors.toMap(s -> s[0], s -> s[1]));
        return FitSettings.ofOptions(all);
    }

    private static AlignmentSettings of(Method method, String given) {
        return FitSettings.of(options(given), List.of(method)).alignment();
    }

    @Test
    void nothing_isThePreset() {
        assertEquals(AlignmentSettings.DEFAULT, of(Method.RESIDUAL, ""));
        assertEquals(AlignmentSettings.PAPER, of(Method.RESIDUAL, "preset=paper"));
        assertEquals(ExperimentSettings.DEFAULT, FitSettings.of(options(""), List.of(Method.values())));
    }

    @Test
    void everyEntry_changesWhatItSays() {
        AlignmentSettings star = of(
                Method.RESIDUAL_STAR,
                "preset=paper means=restored star-others=kept variance=.5 start=identity seed=-7");
        assertEquals(Means.RESTORED, star.means());
        assertEquals(Others.KEPT, star.starOthers());
        assertEquals(.5, star.variance());
        assertEquals(AlignmentSettings.Start.IDENTITY, star.start());
        assertEquals(-7, star.seed());
        Path path = assertInstanceOf(
                Path.class, of(Method.LINEAR, "penalties=3,1e-1,0 iterations=5").fitting());
        assertEquals(List.of(3., .1, 0.), path.penalties());
        assertEquals(5, path.iterations());
        Epochs epochs = assertInstanceOf(
                Epochs.class,
                of(Method.RESIDUAL, "fit=adamw penalties=.25 rate=2 batch=3 epochs=4 patience=5")
                        .fitting());
        assertEquals(new Epochs(Optimiser.ADAMW, 2, AlignmentSettings.ADAMW.linearRate(), .25, 3, 4, 5), epochs);
        assertEquals(
                .125,
                assertInstanceOf(
                                Epochs.class,
                                of(Method.LINEAR, "fit=schedule-free linear-rate=.125")
                                        .fitting())
                        .linearRate());
        assertEquals(
                .5,
                FitSettings.of(options("target-accuracy=0.5"), List.of(Method.BASE))
                        .targetAccuracy());
        assertEquals("own", FitSettings.bases(options("bases=own"), "auto"));
        FineTuner.Settings tuning = FitSettings.of(
                        options("rate=.5 batch=2 epochs=3 patience=4 seed=5"), List.of(Method.FULL))
                .tuning();
        FineTuner.Settings usual = FineTuner.Settings.DEFAULT;
        assertEquals(new FineTuner.Settings(.5, usual.weightDecay(), usual.clip(), 2, 3, 4, 5), tuning);
    }

    /** The message names the option, the value and what would do. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "RESIDUAL; target-accuracy=95; --target-accuracy: found 95.0, expected a share from 0 to 1",
                "RESIDUAL; target-accuracy=NaN; --target-accuracy: found \"NaN\", expected a finite number",
                "RESIDUAL; target-accuracy=1e999; --target-accuracy: found \"Infinity\", expected a finite number",
                "RESIDUAL; penalties=abc; --penalties: found \"abc\", expected a finite number",
                "RESIDUAL; penalties=3,; --penalties: found \"\", expected a finite number",
                "RESIDUAL; penalties=1,3; --penalties: found [1.0, 3.0], expected decreasing numbers",
                "RESIDUAL; penalties=-1; --penalties: found [-1.0], expected decreasing numbers",
                "RESIDUAL; iterations=0; --iterations: found 0, expected 1 to",
                "RESIDUAL; iterations=2.5; --iterations: found 2.5, expected a whole number",
                "RESIDUAL; iterations=3000000000; --iterations: found 3000000000, expected 1 to",
                "RESIDUAL; seed=1.5; --seed: found 1.5, expected a whole number",
                "RESIDUAL_STAR; variance=1.5; --variance: found 1.5, expected a share",
                "RESIDUAL; means=lost; --means: found \"lost\", expected dropped or restored",
                "RESIDUAL; preset=papre; Did you mean 'paper'?",
                "RESIDUAL; fit=adam; Did you mean 'adamw'?",
                "RESIDUAL; fit=adamw rate=0; --rate: found 0.0, expected a positive number",
                "LINEAR; fit=adamw linear-rate=-1; --linear-rate: found -1.0, expected a positive number",
                "RESIDUAL; fit=adamw penalties=3,1; --penalties: found [3.0, 1.0], expected one strength",
                "RESIDUAL; fit=adamw iterations=3; --iterations: found 3, expected no such entry for a fit by batches",
                "RESIDUAL; rate=3; --rate: found 3, expected no such entry for a quasi-Newton fit",
                "RESIDUAL; fit=adamw linear-rate=3; --linear-rate: found 3, expected no such entry for residual;",
                "LINEAR; fit=adamw rate=3; it applies to finetune, residual, residual-star, coarse, output",
                "COARSE; variance=.5; --variance: found 0.5, expected no such entry for coarse; it applies to residual-star",
                "COARSE; means=dropped; expected no such entry for coarse",
                "BASE; penalties=3; --penalties: found [3], expected no such entry for base",
                "BASE; preset=paper; expected no such entry for base",
                "PROBE; fit=adamw; expected no such entry for probe",
                "FULL; bases=own; expected no such entry for finetune",
                "TIP; epochs=3; expected no such entry for tip-adapter",
            })
    void mistakes_areNamed(Method method, String given, String message) {
        InputException e = assertThrows(InputException.class, () -> of(method, given));
        assertTrue(String.valueOf(e.getMessage()).contains(message), e.getMessage());
    }

    @Test
    void ofSeveralMethods_oneIsEnough() {
        List<Method> both = List.of(Method.BASE, Method.RESIDUAL_STAR);
        assertEquals(
                .5, FitSettings.of(options("variance=.5"), both).alignment().variance());
        assertThrows(InputException.class, () -> FitSettings.of(options("linear-rate=.5 fit=adamw"), both));
    }
}
