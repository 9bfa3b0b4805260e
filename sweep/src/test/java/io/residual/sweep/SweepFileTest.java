package io.residual.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.alignment.AlignmentSettings;
import io.residual.alignment.ComponentDesign.Means;
import io.residual.alignment.Method;
import io.residual.base.InputException;
import io.residual.evaluation.FewShots;
import io.residual.sweep.Sweep.Variant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class SweepFileTest {
    static final List<String> SHIPPED = SweepFile.SHIPPED;

    private static Sweep parse(String data, String methods) {
        return SweepFile.parse("models: [world-clip]\ndata: [" + data + "]\nmethods: [" + methods + "]\n", "x.yaml");
    }

    @ParameterizedTest
    @FieldSource("SHIPPED")
    void whatShips_isReadable(String name) {
        Sweep sweep = SweepFile.read(name);
        assertTrue(sweep.fits().size() >= sweep.variants().size());
    }

    @Test
    void embedded_isThreeByTenByAllMethods() {
        Sweep sweep = SweepFile.read("embedded");
        assertEquals(3, sweep.models().size());
        assertEquals(10, sweep.data().size());
        List<Method> methods =
                sweep.variants().stream().map(Variant::method).distinct().toList();
        assertEquals(List.of(Method.values()).size(), methods.size());
    }

    @Test
    void keys_changeWhatTheySay() {
        Variant variant = parse(
                        "world:signs",
                        "{method: residual, preset: paper, means: restored, rate: 0.1, variance: 0.5, seed: 4, name: mine}")
                .variants()
                .get(0);
        AlignmentSettings settings = variant.settings().alignment();
        assertEquals("mine", variant.name());
        assertEquals(Means.RESTORED, settings.means());
        assertEquals(AlignmentSettings.Start.RANDOM, settings.start());
        assertEquals(4, settings.seed());
        assertEquals(.5, settings.variance());
        AlignmentSettings.Epochs epochs = assertInstanceOf(AlignmentSettings.Epochs.class, settings.fitting());
        assertEquals(AlignmentSettings.Optimiser.SCHEDULE_FREE, epochs.optimiser());
        assertEquals(.1, epochs.rate());
    }

    @Test
    void shots_areDrawnOftenAndAllImagesOnce() {
        Sweep sweep = SweepFile.parse(
                "models: [m]\ndata: [d]\nmethods: [base, linear]\nshots: [2, all]\ndraws: 3\n", "x.yaml");
        assertEquals(2 * 3 + 2, sweep.fits().size());
        assertEquals(
                2, sweep.fits().stream().filter(f -> f.shots() == FewShots.ALL).count());
    }

    @Test
    void labels_areTheLastPartOfNames() {
        Sweep sweep = parse("\"world:signs\", path/to/birds/, uoft-cs/cifar10, {source: d, label: mine}", "base");
        assertEquals(
                List.of("signs", "birds", "cifar10", "mine"),
                sweep.data().stream().map(Sweep.Data::label).toList());
    }

    /** The message names the file, the place and what would do. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "models: [m]\\ndata: [d]\\nmethod: [base]; method; an unknown key",
                "models: [m]\\ndata: [d]\\nmethods: [magic]; the method; 'magic'",
                "models: [m]\\ndata: [d]\\nmethods: [base, base]; methods; 'Base' twice",
                "models: [m]\\ndata: []\\nmethods: [base]; data; at least one entry",
                "models: [m]\\ndata: [d]\\nmethods: [{method: residual, rate: 1}]; methods[0].rate; quasi-Newton",
                "models: [m]\\ndata: [d]\\nmethods: [{method: residual, means: lost}]; methods[0].means; dropped or restored",
                "models: [m]\\ndata: [{source: d, templates: [a photo]}]\\nmethods: [base]; templates; {}",
                "models: [m]\\ndata: [{source: d, classes: [yes, no]}]\\nmethods: [base]; classes; quotation marks",
                "models: [m]\\ndata: [d]\\nmethods: [base]\\nshots: [0]; shots; numbers of images",
                "models: [m]\\ndata: [d]\\nmethods: [base]\\nshots: [1]\\ndraws: 2147483647; draws; 1 to 10000",
                "models: [m]\\nmodels: [m]\\ndata: [d]\\nmethods: [base]; invalid YAML; Duplicate",
                "models: [m; invalid YAML; Correct the file",
                "- 1; the file; keys with values",
            })
    void mistakes_areNamed(String yaml, String where, String what) {
        InputException e =
                assertThrows(InputException.class, () -> SweepFile.parse(yaml.replace("\\n", "\n"), "x.yaml"));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains(where) && message.contains(what), message);
    }
}
