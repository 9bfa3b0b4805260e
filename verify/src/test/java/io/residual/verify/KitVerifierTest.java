package io.residual.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.fixtures.CheckpointSurgery;
import io.residual.fixtures.KitFixture;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kits' values were computed by transformers and open_clip; tolerances stand and are explained in KitVerifier. */
class KitVerifierTest {
    @TempDir
    Path temporary;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "clip-hf",
                "clip-openclip",
                "blip-itm",
                "dinov2",
                "vit",
                "siglip",
                "siglip2",
                "dinov2-registers",
                "dinov3"
            })
    void everyQuantity_agreesWithTheReference(String name) {
        List<Check> checks = KitVerifier.verify(KitFixture.unpack(name, temporary), KitFixture.texts());
        assertEquals(List.of(), checks.stream().filter(c -> !c.passed()).toList());
        Set<String> seen = checks.stream().map(Check::quantity).collect(Collectors.toSet());
        assertTrue(
                seen.containsAll(Set.of(
                        "a.image_features",
                        "b.units",
                        "b.logits",
                        "residual_star.gradient",
                        "residual_full.gradient",
                        "coarse.gradient",
                        "output_spectral.gradient",
                        "spectrum two_nn",
                        "spectral_similarity_a_b",
                        "a.task_correlation",
                        "b.accuracy_heads_only_mean")),
                () -> "compared only " + seen);
    }

    @ParameterizedTest
    @CsvSource({
        "clip-hf, model.safetensors, vision_model.encoder.layers.2.mlp.fc1.weight, b.image_features",
        "clip-hf, model.safetensors, text_model.encoder.layers.0.self_attn.q_proj.weight, text.features",
        "clip-openclip, open_clip_model.safetensors, visual.transformer.resblocks.1.attn.in_proj_weight, b.units",
        "clip-openclip, open_clip_model.safetensors, positional_embedding, text.features",
        "siglip, model.safetensors, vision_model.head.mlp.fc1.weight, b.units",
        "siglip, model.safetensors, vision_model.head.attention.in_proj_weight, b.image_features",
        "siglip2, model.safetensors, text_model.head.weight, text.features",
        "dinov2-registers, model.safetensors, embeddings.register_tokens, b.units",
        "dinov3, model.safetensors, layer.2.attention.k_proj.weight, b.units",
    })
    void oneChangedWeight_isNoticed(String kit, String file, String tensor, String quantity) throws IOException {
        Path folder = KitFixture.unpack(kit, temporary);
        changeOneValue(folder.resolve(file), tensor);
        List<Check> checks = KitVerifier.verify(folder, KitFixture.texts());
        assertFalse(
                checks.stream()
                        .filter(c -> c.quantity().equals(quantity))
                        .findFirst()
                        .orElseThrow()
                        .passed(),
                quantity);
    }

    @ParameterizedTest
    @ValueSource(strings = {"b.image_features", "text.ids", "residual_full.gradient", "a.eigenvalues"})
    void oneChangedExpectation_isNoticedUnderItsName(String quantity) throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        changeOneValue(folder.resolve("expected.safetensors"), quantity);
        List<String> failed = KitVerifier.verify(folder, KitFixture.texts()).stream()
                .filter(c -> !c.passed())
                .map(Check::quantity)
                .toList();
        assertTrue(failed.contains(quantity), () -> "failed: " + failed);
    }

    /** A number of the JSON file changed by hand, of each kind that a kit has. */
    private record Change(String pointer, double by, String quantity) {
        void apply(JsonNode root) {
            JsonNode parent = root.at(pointer.substring(0, pointer.lastIndexOf('/')));
            String last = pointer.substring(pointer.lastIndexOf('/') + 1);
            JsonNode old = root.at(pointer);
            JsonNode changed =
                    old.isInt() ? new IntNode(old.intValue() + (int) by) : new DoubleNode(old.doubleValue() + by);
            if (parent instanceof ArrayNode array) {
                array.set(Integer.parseInt(last), changed);
            } else {
                ((ObjectNode) parent).set(last, changed);
            }
        }
    }

    static List<Change> changes() {
        return List.of(
                new Change("/spectrum/3/kept_90", 1, "spectrum kept_90"),
                new Change("/spectrum/3/kept_99", 1, "spectrum kept_99"),
                new Change("/spectrum/3/first_evr", .01, "spectrum first_evr"),
                new Change("/spectrum/3/participation_ratio", .1, "spectrum participation_ratio"),
                new Change("/spectrum/3/two_nn", .2, "spectrum two_nn"),
                new Change("/spectrum/3/unit", 1, "units in order"),
                new Change("/spectral_similarity_a_b/5", .01, "spectral_similarity_a_b"),
                new Change("/text_span/2/chosen/1", 1, "text_span"),
                new Change("/omp_first_component/2/chosen/1", 1, "omp_first_component"),
                new Change("/omp_first_component/2/coefficients_abs/1", .01, "omp_first_component coefficients"),
                new Change("/somp/2/chosen/0", 1, "somp"),
                new Change("/somp/2/explained", .01, "somp explained"),
                new Change("/head_accuracy_a/7", .00625, "head_accuracy_a"),
                new Change("/a.accuracy", .00625, "a.accuracy"),
                new Change("/b.accuracy_heads_only_zero", .01, "b.accuracy_heads_only_zero"),
                new Change("/residual_star/components/4", 1, "residual_star components"),
                new Change("/residual_star/units/4", 1, "residual_star components"),
                new Change("/residual_full/parameters", 1, "residual_full components"),
                new Change("/residual_star/loss", .01, "residual_star loss"),
                new Change("/residual_full/accuracy", .01, "residual_full accuracy"),
                new Change("/coarse/loss", .01, "coarse loss"),
                new Change("/output_spectral/loss", .01, "output_spectral loss"),
                new Change("/layers", 1, "layers"),
                new Change("/head_dim", 1, "head_dim"),
                new Change("/logit_scale", .1, "logit_scale"));
    }

    private List<String> failedWith(List<Change> changes) throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        Path file = folder.resolve("expected.json");
        JsonNode root = new ObjectMapper().readTree(file.toFile());
        changes.forEach(change -> change.apply(root));
        Files.writeString(file, root.toString());
        return KitVerifier.verify(folder, KitFixture.texts()).stream()
                .filter(c -> !c.passed())
                .map(Check::quantity)
                .toList();
    }

    /** At once, in two lots: whoever chooses other components has no loss to compare. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void changedNumbers_areNoticed_eachUnderItsName(boolean components) throws IOException {
        List<Change> lot = changes().stream()
                .filter(c -> c.quantity().equals("residual_star components") == components)
                .toList();
        List<String> failed = failedWith(lot);
        for (Change change : lot) {
            assertTrue(failed.contains(change.quantity()), () -> change + ", failed: " + failed);
        }
        if (!components) {
            assertEquals(lot.stream().map(Change::quantity).collect(Collectors.toSet()), Set.copyOf(failed));
        }
    }

    /** The same one by one. */
    @Tag("thorough")
    @ParameterizedTest
    @MethodSource("changes")
    void oneChangedNumber_isNoticedUnderItsName(Change change) throws IOException {
        List<String> failed = failedWith(List.of(change));
        assertTrue(failed.contains(change.quantity()), () -> "failed: " + failed);
    }

    /** A part of an entry that this program does not compute, an entry too many, a number that is none. */
    @ParameterizedTest
    @CsvSource({
        "/spectrum/2, kurtosis, spectrum.kurtosis",
        "/residual_star, f1, residual_star.f1",
        "/somp/0, coefficients, somp.coefficients",
        "'', something, something"
    })
    void unknownQuantity_isAFailureUnderItsName(String pointer, String field, String quantity) throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        Path file = folder.resolve("expected.json");
        JsonNode root = new ObjectMapper().readTree(file.toFile());
        ((ObjectNode) root.at(pointer)).put(field, 1.5);
        Files.writeString(file, root.toString());
        assertTrue(KitVerifier.verify(folder, KitFixture.texts()).stream()
                .anyMatch(c -> c.quantity().equals(quantity) && !c.passed()));
    }

    /** What cannot be computed is one failure; the rest is compared all the same. */
    @Test
    void wrongNumberOfHeads_failsWithoutCrashing() throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        CheckpointSurgery.json(folder.resolve("config.json"), c -> ((ObjectNode) c.path("vision_config"))
                .put("num_attention_heads", 8));
        List<Check> checks = KitVerifier.verify(folder, KitFixture.texts());
        assertTrue(checks.stream().anyMatch(c -> c.quantity().equals("a.image_features") && !c.passed()));
        assertTrue(checks.stream().anyMatch(c -> c.quantity().equals("text.ids") && c.passed()));
    }

    @Test
    void anotherActivation_isNoticed() throws IOException {
        Path folder = KitFixture.unpack("clip-hf", temporary);
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode config =
                (ObjectNode) mapper.readTree(folder.resolve("config.json").toFile());
        ((ObjectNode) config.path("vision_config")).put("hidden_act", "gelu");
        Files.writeString(folder.resolve("config.json"), config.toString());
        assertTrue(KitVerifier.verify(folder, KitFixture.texts()).stream()
                .anyMatch(c -> c.quantity().equals("a.image_features") && !c.passed()));
    }

    /** Adds 0.5 to a tensor's middle value, whatever its type. */
    private static void changeOneValue(Path file, String tensor) throws IOException {
        try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] length = new byte[8];
            raw.readFully(length);
            int header =
                    (int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
            byte[] json = new byte[header];
            raw.readFully(json);
            var entry = new ObjectMapper().readTree(json).path(tensor);
            long begin = entry.path("data_offsets").path(0).asLong();
            long end = entry.path("data_offsets").path(1).asLong();
            boolean longs = entry.path("dtype").asText().equals("I64");
            int width = longs ? 8 : 4;
            long at = 8 + header + begin + (end - begin) / width / 2 * width;
            byte[] value = new byte[width];
            raw.seek(at);
            raw.readFully(value);
            ByteBuffer buffer = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
            if (longs) {
                buffer.putLong(0, buffer.getLong(0) + 1);
            } else {
                buffer.putFloat(0, buffer.getFloat(0) + .5f);
            }
            raw.seek(at);
            raw.write(value);
        }
    }
}
