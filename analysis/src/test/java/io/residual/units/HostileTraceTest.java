package io.residual.units;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.fixtures.CheckpointSurgery;
import io.residual.tensor.NativeScope;
import io.residual.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A trace of three images, and everything that may be wrong with its folder. */
class HostileTraceTest {
    @TempDir
    Path temporary;

    private final ObjectNode manifest = new ObjectMapper().createObjectNode();

    @BeforeEach
    void writeAGoodOne() {
        manifest.put("format", "residual-trace")
                .put("version", 1)
                .put("split", "train")
                .put("precision", "FULL");
        manifest.putObject("shape")
                .put("layers", 1)
                .put("heads", 2)
                .put("headWidth", 2)
                .put("sharedWidth", 4);
        manifest.putArray("classes").add("a").add("b");
        manifest.putArray("shards").add("shard-00000.safetensors");
        manifest.putArray("skipped");
        manifest.putObject("provenance")
                .put("tool", "t")
                .put("created", "c")
                .put("model", "m")
                .put("data", "d")
                .put("seed", 0)
                .put("decompositionError", 0)
                .putNull("certificate")
                .putObject("settings");
        shard(new long[] {0, 1, 1}, "[\"x\", \"y\", \"z\"]");
    }

    private void shard(long[] labels, String names) {
        int n = labels.length;
        new SafetensorsWriter()
                .add("heads", new float[n * 4], n, 2, 2)
                .add("norm", new float[n * 2], n, 2)
                .add("projected", new float[n * 8], n, 2, 4)
                .add("output", new float[n * 4], n, 4)
                .add("labels", labels, n)
                .metadata("names", names)
                .write(temporary.resolve("shard-00000.safetensors"));
    }

    private int read() throws IOException {
        Files.writeString(temporary.resolve("manifest.json"), manifest.toString());
        int[] images = new int[1];
        TraceFolder.stream(temporary, block -> {
            try (NativeScope scope = NativeScope.inference()) { // numbers are checked when they are read
                block.headColumns();
                block.others();
                block.outputs();
            }
            images[0] += block.size();
        });
        return images[0];
    }

    private void refused(String saying) {
        InputException e = assertThrows(InputException.class, this::read);
        assertTrue(String.valueOf(e.getMessage()).contains(saying), e.getMessage());
    }

    @Test
    void theGoodOne_isRead() throws IOException {
        assertEquals(3, read());
    }

    @ParameterizedTest
    @CsvSource({
        "format, \"other\", 'other'",
        "version, 2, version 2",
        "split, null, 'split'",
        "precision, \"DOUBLE\", 'precision'",
        "shape, null, 'shape'",
        "shape, {\"layers\":1;\"heads\":2;\"headWidth\":2;\"sharedWidth\":2147483647}, 'sharedWidth'",
        "shape, {\"layers\":0;\"heads\":2;\"headWidth\":2;\"sharedWidth\":4}, 'layers'",
        "shape, {\"layers\":1;\"heads\":2;\"headWidth\":3;\"sharedWidth\":4}, tensor 'heads'",
        "classes, [\"a\"], label 1",
        "classes, null, 'classes'",
        "shards, null, 'shards'",
        "shards, [null], texts only",
        "shards, [\"shard-00001.safetensors\"], no such file",
        "shards, [\"../shard-00000.safetensors\"], a shard '../shard-00000.safetensors'",
        "shards, [\"/etc/passwd\"], a shard '/etc/passwd'",
        "shards, [\"a\\u0000b\"], names such as",
        "shards, [\"shard-00000.safetensors\";\"shard-00000.safetensors\"], named twice",
        "skipped, 7, 'skipped'",
        "provenance, {}, 'tool'",
    })
    void wrongEntries_areNamed(String key, String value, String saying) throws IOException {
        manifest.set(key, new ObjectMapper().readTree(value.replace(';', ',')));
        refused(saying);
    }

    @ParameterizedTest
    @CsvSource({"2, label 2", "-1, label -1", "4294967296, label 4294967296"})
    void labelsOfNoClass_areRefused(long label, String saying) {
        shard(new long[] {0, 1, label}, "[\"x\", \"y\", \"z\"]");
        refused(saying);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void numbersThatAreNone_areRefused(float value) throws IOException {
        for (String spoilt : List.of("heads", "norm", "projected", "output")) {
            CheckpointSurgery.tensors(
                    temporary.resolve("shard-00000.safetensors"),
                    (name, tensor) -> name.equals(spoilt) ? tensor.fill_(new Scalar(value)) : tensor);
            refused("tensor '" + spoilt + "': found " + value + ", expected finite numbers");
            shard(new long[] {0, 1, 1}, "[\"x\", \"y\", \"z\"]");
        }
    }

    /** Somebody's notes among a trace's files are not this program's to delete. */
    @Test
    void traceWithAnotherFile_isNotReplaced() throws IOException {
        read();
        assertTrue(TraceFolder.isOne(temporary));
        Files.writeString(temporary.resolve("notes.txt"), "mine");
        assertFalse(TraceFolder.isOne(temporary));
    }

    @ParameterizedTest
    @CsvSource({"[\"x\"], 1 names of 3 images", "{, damaged names", "7, 0 names of 3 images"})
    void namesThatDoNotFit_areRefused(String names, String saying) {
        shard(new long[] {0, 1, 1}, names);
        refused(saying);
    }
}
