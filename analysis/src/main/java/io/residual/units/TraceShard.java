package io.residual.units;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.units.TraceFolder.Precision;
import io.residual.weights.SafetensorsFile;
import io.residual.weights.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** One file of a trace: some images' coordinates, outputs, labels and names, as {@link TraceFolder} lists them. */
final class TraceShard {
    private static final String NAMES = "names";
    static final String REMEDY = "Trace again";

    private TraceShard() {}

    /** Writes the shard of an index; gives its file's name. */
    static String write(Path folder, int index, List<TraceBlock> blocks, Precision precision) {
        String name = String.format(Locale.ROOT, "shard-%05d.safetensors", index);
        UnitShape shape = blocks.get(0).shape();
        ScalarType bulk = precision == Precision.HALF ? ScalarType.Half : ScalarType.Float;
        try (NativeScope scope = NativeScope.inference()) {
            List<Tensor> heads = new ArrayList<>();
            List<Tensor> projected = new ArrayList<>();
            List<Tensor> norm = new ArrayList<>();
            List<Tensor> output = new ArrayList<>();
            List<Integer> labels = new ArrayList<>();
            List<String> names = new ArrayList<>();
            for (TraceBlock block : blocks) {
                int n = block.size();
                heads.add(block.headValues(0, n));
                projected.add(block.others());
                norm.add(block.normValues(0, n));
                output.add(block.outputs());
                for (int label : block.labels()) {
                    labels.add(label);
                }
                names.addAll(block.names());
            }
            SafetensorsWriter writer = new SafetensorsWriter();
            if (shape.keptOfNorm() > 0) {
                writer.add("norm", Ops.cat(norm, 0));
            }
            writer.add("heads", stored(Ops.cat(heads, 0), bulk, "heads"))
                    .add("projected", stored(Ops.cat(projected, 0), bulk, "projected"))
                    .add("output", Ops.cat(output, 0))
                    .add("labels", labels.stream().mapToLong(Integer::longValue).toArray(), labels.size())
                    .metadata(NAMES, Json.line(Json.of(names)))
                    .writeTo(folder.resolve(name));
            return name;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder.resolve(name) + ": " + e.getMessage(), e);
        }
    }

    /** What 16 bits cannot hold would be infinite. */
    private static Tensor stored(Tensor values, ScalarType type, String name) {
        return Finite.require(
                values.to(type),
                "the trace's '" + name + "'" + (type == ScalarType.Half ? ", in 16 bits" : ""),
                "Trace with --precision full, and check the model with residual self-check");
    }

    /** Reads a shard; labels lie below {@code classes}. */
    static TraceBlock read(Path path, UnitShape shape, int classes) {
        long d = shape.sharedWidth();
        try (NativeScope scope = NativeScope.inference();
                SafetensorsFile file = SafetensorsFile.open(path)) {
            long n = file.info("labels").dimensions().length == 1
                    ? file.info("labels").dimensions()[0]
                    : -1;
            return new TraceBlock(
                    shape,
                    floats(file, "heads", n, shape.allHeads(), shape.keptOfHead()),
                    shape.keptOfNorm() == 0 ? new float[0] : floats(file, "norm", n, shape.keptOfNorm()),
                    floats(file, "projected", n, shape.others(), d),
                    floats(file, "output", n, d),
                    labels(file, classes),
                    names(file));
        } catch (IllegalArgumentException e) {
            throw InputException.at(path, "a damaged shard (" + e.getMessage() + ")", "a trace's shard", REMEDY, e);
        }
    }

    /**
     * Opens a shard; its blocks read it whenever they are asked. Shapes, labels and names are checked now, numbers when they are read.
     *
     * @param most images of a block
     * @param owner what must live as long as the blocks do; null if nothing must
     */
    static List<TraceBlock> open(Path path, UnitShape shape, int classes, int most, @Nullable Object owner) {
        OpenShard shard = new OpenShard(path, owner);
        SafetensorsFile file = shard.file();
        int[] labels;
        try (NativeScope scope = NativeScope.inference()) {
            labels = labels(file, classes);
        }
        int n = labels.length;
        List<String> names = names(file);
        int d = shape.sharedWidth();
        file.require("labels", REMEDY, n);
        file.require("heads", REMEDY, n, shape.allHeads(), shape.keptOfHead());
        file.require("projected", REMEDY, n, shape.others(), d);
        file.require("output", REMEDY, n, d);
        if (shape.keptOfNorm() > 0) {
            file.require("norm", REMEDY, n, shape.keptOfNorm());
        }
        if (names.size() != n) {
            throw InputException.at(path, names.size() + " names of " + n + " images", "one each", REMEDY);
        }
        int parts = Math.max(1, (n + most - 1) / most);
        List<TraceBlock> blocks = new ArrayList<>();
        for (int k = 0; k < parts; k++) { // of nearly equal size
            int from = (int) ((long) n * k / parts);
            int to = (int) ((long) n * (k + 1) / parts);
            blocks.add(new TraceBlock(
                    shape,
                    new StoredRows(shard, "heads", shape.allHeads() * shape.keptOfHead(), from, to),
                    shape.keptOfNorm() == 0
                            ? Rows.of(new float[0], to - from)
                            : new StoredRows(shard, "norm", shape.keptOfNorm(), from, to),
                    new StoredRows(shard, "projected", shape.others() * d, from, to),
                    new StoredRows(shard, "output", d, from, to),
                    Arrays.copyOfRange(labels, from, to),
                    names.subList(from, to)));
        }
        return blocks;
    }

    /** The names of a shard's images, in order. */
    static List<String> names(SafetensorsFile shard) {
        List<String> names = new ArrayList<>();
        try {
            Json.parse(shard.metadata().getOrDefault(NAMES, "[]"), Json.Limits.OWN)
                    .forEach(n -> names.add(n.asText()));
        } catch (JsonProcessingException e) {
            throw InputException.at(shard.path(), "damaged names", "a trace's shard", REMEDY, e);
        }
        return names;
    }

    private static int[] labels(SafetensorsFile file, int classes) {
        long[] values = Tensors.longs(file.read("labels"));
        for (long label : values) {
            if (label < 0 || label >= classes) {
                throw InputException.at(file.path(), "label " + label, "0 to " + (classes - 1), REMEDY);
            }
        }
        return Arrays.stream(values).mapToInt(label -> (int) label).toArray();
    }

    /** A tensor's numbers, if it has the given shape. */
    static float[] floats(SafetensorsFile file, String name, long... shape) {
        return Finite.require(
                Tensors.floats(file.read(name, REMEDY, shape)), file.path() + ", tensor '" + name + "'", REMEDY);
    }
}
