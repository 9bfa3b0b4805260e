package io.residual.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.adapt.Adapter;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Calibration;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.data.Dataset;
import io.residual.data.DatasetSpec;
import io.residual.data.ImageFolder;
import io.residual.data.Prompts;
import io.residual.data.Splitting;
import io.residual.fixtures.CheckpointSurgery;
import io.residual.fixtures.KitFixture;
import io.residual.images.BuiltInImages;
import io.residual.images.Preprocessing;
import io.residual.images.Resampling;
import io.residual.model.ImageTextModel;
import io.residual.model.TextTokenizer.Overlong;
import io.residual.provenance.Provenance;
import io.residual.provenance.SelfCheck;
import io.residual.provenance.SelfCheck.Entry;
import io.residual.provenance.SelfCheckStore;
import io.residual.units.TraceFolder;
import io.residual.units.Tracer;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelfCheckerTest {
    @TempDir
    Path temporary;

    private static SelfCheck checked(Path folder) {
        try (ImageTextModel model = ImageTextModel.open(folder)) {
            return SelfChecker.check(model, Progress.silent());
        }
    }

    private static List<String> failed(SelfCheck selfCheck) {
        return selfCheck.checks().stream()
                .filter(c -> !c.passed())
                .map(Entry::quantity)
                .toList();
    }

    /** The kits are known to compute what the references compute, so each must pass. */
    @ParameterizedTest
    @ValueSource(strings = {"clip-hf", "clip-openclip", "blip-itm", "dinov2", "vit"})
    void check_everyFamily_passes(String kit) {
        SelfCheck selfCheck = checked(KitFixture.unpack(kit, temporary));
        assertEquals(List.of(), failed(selfCheck));
        assertTrue(selfCheck.passed());
        assertTrue(selfCheck.checks().stream().anyMatch(c -> c.quantity().equals("preprocessing")));
        assertTrue(selfCheck.checks().stream().anyMatch(c -> c.quantity().equals("sum of units") && c.error() > 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"vision_model.encoder.layers.1.mlp.fc1.weight", "text_model.final_layer_norm.bias"})
    void check_weightThatIsNotFinite_failsByName(String tensor) throws IOException {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        spoil(kit.resolve("model.safetensors"), tensor);
        SelfCheck selfCheck = checked(kit);
        assertTrue(failed(selfCheck).contains("weights finite"));
        assertTrue(selfCheck.checks().stream().anyMatch(c -> c.note().contains("'" + tensor + "'")));
        assertFalse(selfCheck.passed());
    }

    private static void spoil(Path file, String tensor) throws IOException {
        try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] length = new byte[8];
            raw.readFully(length);
            int header =
                    (int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
            byte[] json = new byte[header];
            raw.readFully(json);
            raw.seek(8L
                    + header
                    + new ObjectMapper()
                            .readTree(json)
                            .path(tensor)
                            .path("data_offsets")
                            .path(0)
                            .asLong());
            raw.writeInt(Integer.reverseBytes(Float.floatToRawIntBits(Float.NaN)));
        }
    }

    /** CLIP's vocabulary, but with another lower-casing: tokens that the names of classes need come out otherwise. */
    @Test
    void check_changedTokenizer_failsOnTokens() throws IOException {
        Path kit = clipWithFullVocabulary();
        assertEquals(List.of(), failed(checked(kit)));
        CheckpointSurgery.json(kit.resolve("tokenizer.json"), t -> t.putNull("normalizer"));
        assertEquals(List.of("tokens"), failed(checked(kit)));
    }

    private Path clipWithFullVocabulary() throws IOException {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        Path tokens = KitFixture.tokens(temporary.resolve("tokens"));
        Files.delete(kit.resolve("tokenizer.json"));
        Files.copy(tokens.resolve("tokenizer.json"), kit.resolve("tokenizer.json"));
        CheckpointSurgery.json(kit.resolve("config.json"), c -> {
            var text = (com.fasterxml.jackson.databind.node.ObjectNode) c.path("text_config");
            text.put("vocab_size", 49408).put("eos_token_id", 49407).put("pad_token_id", 49407);
        });
        CheckpointSurgery.rename(
                kit.resolve("model.safetensors"),
                n -> n.equals("text_model.embeddings.token_embedding.weight") ? "former" : n,
                w -> w.add("text_model.embeddings.token_embedding.weight", new float[49408 * 40], 49408, 40));
        return kit;
    }

    @Test
    void check_ownVocabularyAndOddSize_saysWhatItCouldNotCheck() throws IOException {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        CheckpointSurgery.json(kit.resolve("preprocessor_config.json"), p -> p.putObject("size")
                .put("shortest_edge", 33));
        SelfCheck selfCheck = checked(kit);
        assertTrue(selfCheck.passed());
        assertEquals(2, selfCheck.uncovered().size(), selfCheck.uncovered().toString());
    }

    @Test
    void keep_andFind_areTheIdentityAndKnowTheConfiguration() throws IOException {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        SelfCheck selfCheck = checked(kit);
        SelfCheckStore store = new SelfCheckStore(temporary.resolve("store"));
        store.keep(selfCheck);
        SelfCheck found = store.find(selfCheck.files()).orElseThrow();
        assertEquals(selfCheck, found);
        assertEquals(selfCheck.hash(), found.hash());
        CheckpointSurgery.json(kit.resolve("config.json"), c -> c.put("anything", 1));
        try (ImageTextModel model = ImageTextModel.open(kit)) {
            assertEquals(selfCheck.model(), model.hash());
            assertNotEquals(selfCheck.files(), model.filesHash());
            assertTrue(store.find(model.filesHash()).isEmpty());
        }
    }

    /** Pillow's bytes for every way of preprocessing that the program knows a vector for, the families' own among them. */
    @Test
    void preprocessing_equalsPillowForEveryVector() throws Exception {
        JsonNode vectors;
        try (InputStream in = SelfChecker.class.getResourceAsStream("vectors.json")) {
            vectors = new ObjectMapper().readTree(in).path("pictures");
        }
        Set<String> own = Set.of(
                "SHORTEST_EDGE 224 BICUBIC 224 ROUNDED", // open_clip
                "SHORTEST_EDGE 224 BICUBIC 224 FLOORED", // CLIP of Hugging Face
                "SHORTEST_EDGE 256 BICUBIC 224 FLOORED", // DINOv2
                "EXACT 384 BICUBIC", // BLIP
                "EXACT 224 BILINEAR"); // ViT
        own.forEach(key -> assertTrue(vectors.has(key), key));
        for (Map.Entry<String, JsonNode> vector : vectors.properties()) {
            String[] key = vector.getKey().split(" ");
            int side = Integer.parseInt(key[1]);
            int crop = key.length > 3 ? Integer.parseInt(key[3]) : 0;
            Preprocessing preprocessing = new Preprocessing(
                    Preprocessing.Resize.valueOf(key[0]),
                    side,
                    side,
                    Resampling.valueOf(key[2]),
                    crop,
                    crop,
                    Preprocessing.CLIP_MEAN,
                    Preprocessing.CLIP_DEVIATION,
                    key.length > 4 ? Preprocessing.Margin.valueOf(key[4]) : Preprocessing.Margin.ROUNDED);
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            BuiltInImages.all().forEach(p -> digest.update(preprocessing.fit(p).rgb()));
            String hex = HexFormat.of().formatHex(digest.digest()).substring(0, 32);
            assertEquals(vector.getValue().asText(), hex, vector.getKey());
        }
    }

    @Test
    void tracesAndAdapters_carryTheSelfCheck() throws IOException {
        Path kit = KitFixture.unpack("clip-hf", temporary);
        SelfCheckStore store = new SelfCheckStore(temporary.resolve("store"));
        SelfCheck selfCheck = checked(kit);
        store.keep(selfCheck);
        for (int i = 0; i < 4; i++) {
            Path folder = Files.createDirectories(temporary.resolve("pictures/" + (i % 2 == 0 ? "even" : "odd")));
            Files.copy(KitFixture.image("420.jpg"), folder.resolve(i + ".jpg"));
        }
        Path trace = temporary.resolve("trace");
        try (ImageTextModel model = ImageTextModel.open(kit, store)) {
            Tracer tracer = new Tracer(model);
            Dataset dataset = ImageFolder.open(temporary.resolve("pictures"), new Splitting(.25, .25, 1));
            TraceFolder.write(
                    trace,
                    tracer,
                    dataset.train(),
                    "train",
                    dataset.prompts().classes(),
                    "made up",
                    TraceFolder.Precision.FULL,
                    Progress.silent());
            Provenance provenance = TraceFolder.manifest(trace).provenance();
            assertEquals(selfCheck.hash(), provenance.selfCheck());
            Prompts prompts = new Prompts(List.of("a", "b"), List.of("{}"));
            AdapterFile.Info info = AdapterFile.info(
                    new Adapter.Identity(),
                    prompts,
                    new DatasetSpec("made up", 0, 0, 0, .1, .1, 1),
                    0,
                    0.0,
                    new Calibration(1, 0, .95, 1, 1),
                    "",
                    provenance);
            Path file = temporary.resolve("a.adapter");
            new AdapterFile(
                            new Adapter.Identity(),
                            Classifier.fromPrompts(model, prompts, Overlong.CUT),
                            info,
                            model.selfCheck())
                    .write(file);
            assertEquals(
                    selfCheck,
                    AdapterFile.read(file, tracer.frame(), model.hash()).selfCheck());
        }
        Path copy = trace.resolve("self-check.json");
        assertEquals(selfCheck, SelfCheck.parse(Files.readString(copy), copy));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{}", "{\"format\": \"other\", \"version\": 1}", "{\"format\": 7}"})
    void parse_otherThings_areRefused(String json) {
        assertThrows(InputException.class, () -> SelfCheck.parse(json, "file"));
    }
}
