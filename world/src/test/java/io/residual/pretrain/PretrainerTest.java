package io.residual.pretrain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.data.Prompts;
import io.residual.images.Image;
import io.residual.model.ImageTextModel;
import io.residual.model.TextTokenizer;
import io.residual.model.TokenIds;
import io.residual.tensor.NativeRuntime;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Tensors;
import io.residual.weights.SafetensorsFile;
import io.residual.world.CaptionedImage;
import io.residual.world.WorldTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainerTest {
    /** Eight steps, looked at and written down after four and eight. */
    private static final PretrainSettings SETTINGS = new PretrainSettings(64, 8, .001, 5, 4);

    /** The folder of a run that nothing disturbed. */
    @TempDir
    static Path whole;

    private static int threads;
    private static List<String> seen = List.of();

    @TempDir
    Path folder;

    @BeforeAll
    static void runToTheEnd() throws InterruptedException {
        threads = NativeRuntime.threads();
        // How sums are shared out among threads changes their last bits.
        NativeRuntime.setThreads(1);
        Recorder recorder = new Recorder(Long.MAX_VALUE);
        new Pretrainer(SETTINGS, whole, recorder).run();
        seen = recorder.seen;
    }

    @AfterAll
    static void restoreThreads() {
        NativeRuntime.setThreads(threads);
    }

    @Test
    void run_stoppedAndResumed_givesTheSameModel() throws Exception {
        Pretrainer stopped = new Pretrainer(SETTINGS, folder, new Recorder(6));
        assertThrows(Stopped.class, stopped::run);
        assertFalse(Files.exists(stopped.model()));
        Recorder recorder = new Recorder(Long.MAX_VALUE);
        Pretrainer resumed = new Pretrainer(SETTINGS, folder, recorder);
        resumed.run();
        // Two steps beyond the checkpoint are lost and taken again, no more.
        assertEquals(List.of("start 8", "4", "5", "6", "7", "8", "finish"), recorder.seen);
        requireSameFiles(whole, folder);
        requireSameFiles(whole.resolve("model"), resumed.model());
    }

    @Test
    void run_ofAFinishedRun_writesTheSameModelAgain() throws Exception {
        Files.copy(whole.resolve("checkpoint.safetensors"), folder.resolve("checkpoint.safetensors"));
        Pretrainer again = new Pretrainer(SETTINGS, folder, Progress.silent());
        again.run();
        assertEquals(
                -1,
                Files.mismatch(
                        whole.resolve("model/model.safetensors"), again.model().resolve("model.safetensors")));
        assertEquals(Files.readString(whole.resolve("curve.csv")), again.curve() + "\n");
    }

    @Test
    void run_withOtherSettings_isRefused() throws IOException {
        Path checkpoint = folder.resolve("checkpoint.safetensors");
        Files.copy(whole.resolve("checkpoint.safetensors"), checkpoint);
        int tokens = new WorldTokenizer(CaptionedImage.vocabulary(), TinyClip.CONTEXT).size();
        String world = ", world " + CaptionedImage.WORLD_VERSION + ", " + tokens + " tokens";
        for (PretrainSettings other : List.of(
                new PretrainSettings(128, 8, .001, 5, 4),
                new PretrainSettings(64, 4, .001, 5, 4),
                new PretrainSettings(64, 8, .002, 5, 4),
                new PretrainSettings(64, 8, .001, 6, 4),
                new PretrainSettings(64, 8, .001, 5, 2))) {
            InputException e =
                    assertThrows(InputException.class, () -> new Pretrainer(other, folder, Progress.silent()).run());
            assertEquals(
                    checkpoint + ": found " + SETTINGS + world + ", expected " + other + world
                            + ". Give the same settings to resume, or another folder to begin anew.",
                    e.getMessage());
        }
        assertEquals(Set.of("checkpoint.safetensors"), names(folder));
        assertEquals(-1, Files.mismatch(whole.resolve("checkpoint.safetensors"), checkpoint));
    }

    @Test
    void run_saysHowFarItIs() {
        assertEquals(List.of("start 8", "0", "1", "2", "3", "4", "5", "6", "7", "8", "finish"), seen);
    }

    @Test
    void run_movesEveryParameter() {
        // A tensor that no gradient reaches would stay at its first value.
        WorldTokenizer tokenizer = new WorldTokenizer(CaptionedImage.vocabulary(), TinyClip.CONTEXT);
        try (NativeScope scope = NativeScope.inference();
                SafetensorsFile file = SafetensorsFile.open(whole.resolve("checkpoint.safetensors"))) {
            TinyClip fresh = new TinyClip(tokenizer.size(), tokenizer.end(), SETTINGS.seed());
            assertEquals(3 * fresh.parameters().size(), file.names().size());
            for (Map.Entry<String, Tensor> parameter : fresh.parameters().entrySet()) {
                float[] before = Tensors.floats(parameter.getValue());
                float[] after = Tensors.floats(file.read("value." + parameter.getKey()));
                assertEquals(before.length, after.length);
                double moved = 0;
                for (int i = 0; i < before.length; i++) {
                    moved = Math.max(moved, Math.abs(after[i] - before[i]));
                }
                // Adam moves a weight by about the rate a step: here .001 · (1 + … + 8) / 100 and less.
                assertTrue(moved > 1e-6 && moved < 1e-3, parameter.getKey() + " moved by " + moved);
            }
            assertEquals("8", file.metadata().get("step"));
        }
    }

    @Test
    void curve_hasALineForEveryLook() throws IOException {
        List<String> lines = Files.readAllLines(whole.resolve("curve.csv"));
        assertEquals(3, lines.size());
        assertEquals(
                "step,loss,scale,"
                        + Stream.of(WorldTask.values()).map(WorldTask::id).collect(Collectors.joining(",")),
                lines.get(0));
        for (int look = 1; look <= 2; look++) {
            String[] cells = lines.get(look).split(",");
            assertEquals(3 + WorldTask.values().length, cells.length);
            assertEquals(4 * look, Integer.parseInt(cells[0]));
            // An untrained model finds a caption among eight about as chance does, with a loss of about ln 8 = 2.08;
            // a scale of 14 on random cosines adds to it. What matters is that it is a loss and not nonsense.
            double loss = Double.parseDouble(cells[1]);
            assertTrue(loss > .5 && loss < 6, cells[1]);
            assertEquals(1 / .07, Double.parseDouble(cells[2]), .1);
            for (int i = 3; i < cells.length; i++) {
                double accuracy = Double.parseDouble(cells[i]);
                assertTrue(accuracy >= 0 && accuracy <= 1, cells[i]);
            }
        }
    }

    @Test
    void model_isWhatWasTrained() {
        WorldTokenizer tokenizer = new WorldTokenizer(CaptionedImage.vocabulary(), TinyClip.CONTEXT);
        List<CaptionedImage> batch = CaptionedImage.batch(77, 0, 6, false, false);
        List<Image> images = batch.stream().map(CaptionedImage::image).toList();
        List<String> captions = batch.stream().map(CaptionedImage::caption).toList();
        try (NativeScope scope = NativeScope.inference();
                SafetensorsFile file = SafetensorsFile.open(whole.resolve("checkpoint.safetensors"));
                ImageTextModel model = ImageTextModel.open(whole.resolve("model"))) {
            TinyClip clip = new TinyClip(tokenizer.size(), tokenizer.end(), 999);
            // The model is written in half precision.
            clip.parameters()
                    .forEach((name, tensor) ->
                            tensor.copy_(file.read("value." + name).to(ScalarType.Half)));
            float[] pixels = new float[6 * 3 * 48 * 48];
            for (int i = 0; i < 6; i++) {
                model.preprocessing().apply(images.get(i), pixels, i * 3 * 48 * 48);
            }
            // The same weights in the same towers: what differs is at most the last bit of a sum or a pixel, on
            // embeddings of about 1.
            assertArrayEquals(
                    Tensors.floats(clip.image().encode(Tensors.of(BatchStream.pixels(images), 6, 3, 48, 48))),
                    Tensors.floats(model.image().encode(Tensors.of(pixels, 6, 3, 48, 48))),
                    1e-5f);
            assertArrayEquals(
                    Tensors.floats(clip.text().encode(tokenizer.encode(captions))),
                    model.encodeTexts(captions, TextTokenizer.Overlong.REFUSE),
                    1e-5f);
            assertEquals(Math.exp(clip.logitScale().item_double()), model.logitScale(), 1e-4);
            assertEquals("CLIP", model.family());
        }
    }

    @Test
    void model_tokenizesPromptsAsTrainingDid() {
        WorldTokenizer tokenizer = new WorldTokenizer(CaptionedImage.vocabulary(), TinyClip.CONTEXT);
        List<String> texts = new ArrayList<>();
        for (WorldTask task : WorldTask.values()) {
            Prompts prompts = new Prompts(task.classes(), task.templates());
            for (int i = 0; i < task.classes().size(); i++) {
                texts.addAll(prompts.texts(i));
            }
        }
        try (ImageTextModel model = ImageTextModel.open(whole.resolve("model"))) {
            TokenIds ids = model.tokenizer().encode(texts, TextTokenizer.Overlong.REFUSE);
            assertArrayEquals(tokenizer.encode(texts).ids(), ids.ids());
            assertArrayEquals(tokenizer.encode(texts).lengths(), ids.lengths());
        }
    }

    @Test
    void model_saysHowItWasMade() throws IOException {
        Path file = whole.resolve("model/training.json");
        JsonNode record = new ObjectMapper().readTree(Files.readAllBytes(file));
        assertEquals(64, record.path("images").asInt());
        assertEquals(8, record.path("batch").asInt());
        assertEquals(.001, record.path("rate").asDouble());
        assertEquals(5, record.path("seed").asInt());
        assertEquals(
                "world " + CaptionedImage.WORLD_VERSION,
                record.path("curriculum").asText());
        List<String> lines = Files.readAllLines(whole.resolve("curve.csv"));
        assertEquals(lines.get(0), record.path("columns").asText());
        assertEquals(lines.get(2), record.path("last_evaluation").asText());
    }

    private static void requireSameFiles(Path expected, Path actual) throws IOException {
        assertEquals(names(expected), names(actual));
        for (String name : names(expected)) {
            if (Files.isRegularFile(expected.resolve(name))) {
                assertEquals(-1, Files.mismatch(expected.resolve(name), actual.resolve(name)), name);
            }
        }
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(p -> p.getFileName().toString())
                    .filter(name -> !name.equals(".lock"))
                    .collect(Collectors.toSet());
        }
    }

    /** What ends a run before its time. */
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Notes what it is told, and stops the run once a number of steps is done. */
    private static final class Recorder implements Progress {
        private final List<String> seen = new ArrayList<>();
        private final long last;

        Recorder(long last) {
            this.last = last;
        }

        @Override
        public void start(String step, long total) {
            seen.add("start " + total);
        }

        @Override
        public void at(long done, String detail) {
            seen.add(String.valueOf(done));
            if (done == last) {
                throw new Stopped();
            }
        }

        @Override
        public void finish() {
            seen.add("finish");
        }
    }
}
