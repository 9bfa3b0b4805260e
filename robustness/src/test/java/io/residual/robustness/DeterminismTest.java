package io.residual.robustness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residual.catalogue.Models;
import io.residual.data.ImageBatches;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.images.Batch;
import io.residual.model.ImageTextModel;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.TraceFolder;
import io.residual.units.Tracer;
import io.residual.world.EmbeddedModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Same seed, same machine, same number of threads: the same bytes. With other threads or batches sums are added in another order: 32-bit
 * numbers of a sum of some hundred terms then differ by a few 10⁻⁷ of the largest; 10⁻⁵ is what is promised.
 */
class DeterminismTest {
    private static final double PROMISED = 1e-5;

    @TempDir
    Path work;

    private Path run(Trial trial, String name, String... more) throws IOException, InterruptedException {
        Path out = Trial.fresh(work.resolve(name));
        List<String> words = new ArrayList<>(trial.words());
        words.addAll(List.of(more));
        Process process = new Trial(trial.name(), words, true, line -> false)
                .start(CrashTest.residual(), out)
                .process();
        assertEquals(0, process.waitFor(), Trial.tail(work.resolve(name + ".log")));
        return out;
    }

    @Tag("thorough")
    @ParameterizedTest
    @ValueSource(strings = {"trace", "align", "pretrain"})
    void sameSeed_givesTheSameBytes(String name) throws Exception {
        Trial trial = Crashes.trial(work, name);
        Path once = run(trial, "once");
        Path again = run(trial, "again");
        assertTrue(trial.results(once).size() > 0);
        assertEquals(trial.results(once), trial.results(again));
    }

    @Tag("thorough")
    @Test
    void otherThreads_giveTheSameNumbers_withinWhatIsPromised() throws Exception {
        Trial trial = Crashes.trial(work, "trace");
        Trace<Split.Train> one =
                TraceFolder.train(run(trial, "one", "--threads", "1").resolve("t"));
        Trace<Split.Train> two =
                TraceFolder.train(run(trial, "two", "--threads", "2").resolve("t"));
        assertEquals(one.size(), two.size());
        close(TraceBlock.joined(one.blocks()), TraceBlock.joined(two.blocks()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 40})
    void otherBatches_giveTheSameNumbers_withinWhatIsPromised(int size) {
        LabelledImages<Split.Train> images = WorldPng.images(41);
        try (ImageTextModel model = Models.open(EmbeddedModels.WORLD_CLIP)) {
            Tracer tracer = new Tracer(model);
            close(traced(tracer, images, 41), traced(tracer, images, size));
        }
    }

    private static TraceBlock traced(Tracer tracer, LabelledImages<?> images, int size) {
        List<TraceBlock> blocks = new ArrayList<>();
        int[] order = IntStream.range(0, images.size()).toArray();
        try (ImageBatches batches = new ImageBatches(images, tracer.model().preprocessing(), order, size)) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                blocks.add(tracer.encode(batch.pixels(), batch.labels(), batch.names()));
            }
        }
        return TraceBlock.joined(blocks);
    }

    private static void close(TraceBlock a, TraceBlock b) {
        assertArrayEquals(a.labels(), b.labels());
        assertEquals(a.names(), b.names());
        close(a.heads(), b.heads());
        close(a.norm(), b.norm());
        close(a.projected(), b.projected());
        close(a.output(), b.output());
    }

    private static void close(float[] a, float[] b) {
        float largest = 0;
        for (float value : a) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertArrayEquals(a, b, (float) (PROMISED * largest));
    }
}
