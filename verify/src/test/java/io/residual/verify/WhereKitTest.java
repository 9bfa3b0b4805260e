package io.residual.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.base.InputException;
import io.residual.fixtures.KitFixture;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.weights.SafetensorsFile;
import io.residual.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kit's values were computed by transformers, with eager attention and hooks. */
class WhereKitTest {
    @TempDir
    Path temporary;

    private Path kit() {
        KitFixture.unpack("clip-hf", temporary);
        return KitFixture.unpack("where", temporary);
    }

    @Test
    void attentionTokensAndChangedPasses_agreeWithTheReference() {
        List<Check> checks = Kit.verify(kit(), null);
        assertEquals(List.of(), checks.stream().filter(c -> !c.passed()).toList());
        List<String> seen = checks.stream().map(Check::quantity).toList();
        assertTrue(
                seen.containsAll(List.of(
                        "attention",
                        "token_units",
                        "image_features",
                        "zero_head",
                        "zero_head_class_token",
                        "mean_head",
                        "patched_head",
                        "zero_mlp")),
                () -> "compared only " + seen);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "attention",
                "token_units",
                "zero_head",
                "zero_head_class_token",
                "mean_head",
                "patched_head",
                "zero_mlp"
            })
    void oneChangedExpectation_isNoticedUnderItsName(String quantity) {
        Path kit = kit();
        Path file = kit.resolve("expected.safetensors");
        try (SafetensorsFile expected = SafetensorsFile.open(file);
                NativeScope scope = NativeScope.inference()) {
            SafetensorsWriter writer = new SafetensorsWriter();
            for (String name : expected.names()) {
                Tensor tensor = expected.read(name);
                float[] values = Tensors.floats(tensor);
                values[values.length / 2] += name.equals(quantity) ? .1f : 0;
                writer.add(name, values, Tensors.shape(tensor));
            }
            writer.write(file);
        }
        List<String> failed = Kit.verify(kit, null).stream()
                .filter(c -> !c.passed())
                .map(Check::quantity)
                .toList();
        assertTrue(failed.contains(quantity), () -> "failed: " + failed);
    }

    /** What a kit asks of a class token cannot be computed in a tower without one: said of that quantity, and the rest is compared. */
    @Test
    void aTowerWithoutClassToken_isComparedInTheRest() throws IOException {
        Path model = KitFixture.unpack("siglip", temporary);
        Path kit = Files.createDirectories(temporary.resolve("pooled"));
        Files.writeString(kit.resolve("expected.json"), "{\"kit\": \"siglip\", \"layers\": 4, \"heads\": 4}");
        try (SafetensorsFile inputs = SafetensorsFile.open(model.resolve("expected.safetensors"));
                NativeScope scope = NativeScope.inference()) {
            Tensor features = inputs.read("b.image_features").narrow(0, 0, 3);
            SafetensorsWriter writer = new SafetensorsWriter();
            writer.add("image_features", Tensors.floats(features), Tensors.shape(features));
            writer.add("zero_head_class_token", new float[] {1}, 1);
            writer.write(kit.resolve("expected.safetensors"));
        }
        List<Check> checks = Kit.verify(kit, null);
        assertEquals(
                List.of("zero_head_class_token"),
                checks.stream().filter(c -> !c.passed()).map(Check::quantity).toList());
        assertTrue(checks.stream().anyMatch(c -> c.quantity().equals("image_features")));
    }

    @Test
    void aQuantityThatNobodyKnows_fails() {
        Path kit = kit();
        Path file = kit.resolve("expected.safetensors");
        try (SafetensorsFile expected = SafetensorsFile.open(file);
                NativeScope scope = NativeScope.inference()) {
            SafetensorsWriter writer = new SafetensorsWriter();
            for (String name : expected.names()) {
                writer.add(name, expected.read(name));
            }
            writer.add("doubled_head", new float[] {1}, 1);
            writer.write(file);
        }
        assertTrue(Kit.verify(kit, null).stream().anyMatch(c -> c.quantity().equals("doubled_head") && !c.passed()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../clip-hf", "/etc", "", "no-such-kit"})
    void aKitOfNoModelBesideIt_isRefused(String name) throws IOException {
        Path kit = kit();
        Files.writeString(kit.resolve("expected.json"), "{\"kit\": \"" + name + "\", \"layers\": 4, \"heads\": 4}");
        assertThrows(InputException.class, () -> Kit.verify(kit, null));
    }
}
