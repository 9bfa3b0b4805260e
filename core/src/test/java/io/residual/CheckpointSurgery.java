package io.residual;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.tensor.NativeScope;
import io.residual.weights.SafetensorsFile;
import io.residual.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Changes a model's files in a test's own folder, as history and other programs have changed real ones. */
public final class CheckpointSurgery {
    private CheckpointSurgery() {}

    /** Renames every tensor, adds others. */
    public static void rename(Path file, UnaryOperator<String> names, Consumer<SafetensorsWriter> additions) {
        try (SafetensorsFile from = SafetensorsFile.open(file);
                NativeScope scope = NativeScope.inference()) {
            SafetensorsWriter writer = new SafetensorsWriter();
            from.names().forEach(n -> writer.add(names.apply(n), from.read(n)));
            additions.accept(writer);
            writer.write(file);
        }
    }

    /** Stores every floating-point tensor in other types, one after the other. */
    public static void cast(Path file, ScalarType... types) {
        try (SafetensorsFile from = SafetensorsFile.open(file);
                NativeScope scope = NativeScope.inference()) {
            SafetensorsWriter writer = new SafetensorsWriter();
            for (String name : from.names()) {
                Tensor tensor = from.read(name);
                for (ScalarType type : types) {
                    tensor = tensor.to(type);
                }
                writer.add(name, tensor);
            }
            writer.write(file);
        }
    }

    /** Replaces tensors. */
    public static void tensors(Path file, BiFunction<String, Tensor, Tensor> change) {
        try (SafetensorsFile from = SafetensorsFile.open(file);
                NativeScope scope = NativeScope.inference()) {
            SafetensorsWriter writer = new SafetensorsWriter();
            from.names().forEach(n -> writer.add(n, change.apply(n, from.read(n))));
            from.metadata().forEach(writer::metadata);
            writer.write(file);
        }
    }

    /** Splits a file into shards with an index, and deletes it. */
    public static void shard(Path file, int shards) throws IOException {
        List<SafetensorsWriter> writers = new ArrayList<>();
        for (int i = 0; i < shards; i++) {
            writers.add(new SafetensorsWriter());
        }
        ObjectNode index = new ObjectMapper().createObjectNode();
        ObjectNode map = index.putObject("weight_map");
        try (SafetensorsFile from = SafetensorsFile.open(file);
                NativeScope scope = NativeScope.inference()) {
            int next = 0;
            for (String name : from.names()) {
                int i = next++ % shards;
                writers.get(i).add(name, from.read(name));
                map.put(name, shardName(i, shards));
            }
        }
        for (int i = 0; i < shards; i++) {
            writers.get(i).write(file.resolveSibling(shardName(i, shards)));
        }
        Files.writeString(file.resolveSibling(file.getFileName() + ".index.json"), index.toString());
        Files.delete(file);
    }

    private static String shardName(int i, int shards) {
        return String.format(java.util.Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards);
    }

    /** Edits a JSON file. */
    public static void json(Path file, Consumer<ObjectNode> edit) throws IOException {
        ObjectNode root = (ObjectNode) new ObjectMapper().readTree(file.toFile());
        edit.accept(root);
        Files.writeString(file, root.toString());
    }
}
