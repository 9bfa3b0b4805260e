package io.residual.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.residual.base.InputException;
import io.residual.weights.SafetensorsFile;
import io.residual.weights.TensorInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The tensors of a model's folder, in one safetensors file or in shards with an index, read by name and expected shape
 * as 32-bit floats. It remembers what was read, so that what was ignored can be told.
 */
final class Checkpoint implements AutoCloseable {
    /** A shard's name: in the model's own folder, and with one spelling. */
    static final String SHARD = "[A-Za-z0-9][A-Za-z0-9._-]{0,200}";

    private static final Set<String> PICKLES = Set.of(".bin", ".pt", ".pth", ".ckpt");

    private final Path folder;
    private final Map<String, SafetensorsFile> owners = new LinkedHashMap<>();
    private final List<SafetensorsFile> files = new ArrayList<>();
    private final Set<String> used = new LinkedHashSet<>();
    private String root = "";

    private Checkpoint(Path folder) {
        this.folder = folder;
    }

    /** Whether the folder has {@code name}, or the index of its shards. */
    static boolean exists(Path folder, String name) {
        return Files.exists(folder.resolve(name)) || Files.exists(folder.resolve(name + ".index.json"));
    }

    /** Opens {@code name} in the folder, or the shards that {@code name.index.json} lists. */
    static Checkpoint open(Path folder, String name) {
        Checkpoint checkpoint = new Checkpoint(folder);
        try {
            Path whole = folder.resolve(name);
            Path index = folder.resolve(name + ".index.json");
            if (Files.exists(whole)) {
                checkpoint.add(whole);
            } else if (Files.exists(index)) {
                checkpoint.addShards(index);
            } else {
                throw missing(folder, name);
            }
            Checkpoint result = checkpoint;
            checkpoint = null;
            return result;
        } finally {
            if (checkpoint != null) {
                checkpoint.close();
            }
        }
    }

    /** The map decides which shard a tensor is read from, should another have one of its name too. */
    private void addShards(Path index) {
        JsonNode map = ModelFolder.json(index).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw InputException.at(index, "no 'weight_map'", "tensors with their files", "Fetch the model again");
        }
        Map<String, Set<String>> shards = new TreeMap<>();
        map.properties().forEach(e -> shards.computeIfAbsent(e.getValue().asText(), s -> new TreeSet<>())
                .add(e.getKey()));
        shards.forEach((shard, names) -> {
            if (!shard.matches(SHARD)) { // so it is in this folder, and has one spelling
                throw InputException.at(
                        index, "the shard '" + shard + "'", "a file in the same folder", "Fetch the model again");
            }
            SafetensorsFile opened = SafetensorsFile.open(folder.resolve(shard));
            files.add(opened);
            names.stream().filter(opened::has).forEach(n -> owners.put(n, opened));
        });
    }

    private static InputException missing(Path folder, String name) {
        String[] entries = folder.toFile().list();
        if (entries != null
                && Arrays.stream(entries).anyMatch(e -> PICKLES.stream().anyMatch(e::endsWith))) {
            return InputException.at(
                    folder,
                    "weights only as Python pickles (.bin, .pt), which can run code when read",
                    name,
                    "Save the model with safe_serialization=True, or fetch its safetensors file");
        }
        return InputException.at(folder, "no " + name, "the model's weights", "Check the folder");
    }

    private void add(Path file) {
        SafetensorsFile opened = SafetensorsFile.open(file);
        files.add(opened);
        opened.names().forEach(n -> owners.put(n, opened));
    }

    /** The files that hold the tensors. */
    List<Path> paths() {
        return files.stream().map(SafetensorsFile::path).toList();
    }

    /** Whether there is a tensor of a name, or of one that stands for it. */
    boolean has(String asked) {
        return owners.containsKey(known(asked));
    }

    /** The type, shape and position of a tensor. */
    TensorInfo info(String asked) {
        String name = known(asked);
        SafetensorsFile owner = owners.get(name);
        if (owner == null) {
            throw InputException.at(
                    folder,
                    "no tensor '" + name + "'",
                    "one of that name",
                    "The checkpoint is incomplete, or of another kind");
        }
        return owner.info(name);
    }

    /** Reads a tensor of this very shape, as 32-bit floats. */
    Tensor read(String name, long... shape) {
        TensorInfo info = info(name);
        if (!Arrays.equals(info.dimensions(), shape)) {
            throw InputException.at(
                    folder + ", tensor '" + name + "'",
                    "shape " + info.shapeText(),
                    "shape " + Arrays.toString(shape) + ", as the configuration says",
                    "Weights and configuration do not belong together");
        }
        return readAny(name);
    }

    /** A tensor of one number, whatever axes of length 1 it has. */
    double single(String name) {
        Tensor tensor = readAny(name);
        if (tensor.numel() != 1) {
            throw InputException.at(
                    folder + ", tensor '" + name + "'",
                    "shape " + info(name).shapeText(),
                    "one number",
                    "Fetch the model again");
        }
        return tensor.item_double();
    }

    /**
     * Looks for the tower under whatever it is wrapped in: a model with a classifier beside the tower puts the tower's
     * tensors under a prefix such as {@code vit.}.
     *
     * @param landmark a tensor that every tower of the family has once
     * @param usual the prefix that transformers gives, looked for first
     */
    void locate(String landmark, String usual) {
        if (!owners.containsKey(landmark) && owners.containsKey(usual + landmark)) {
            root = usual;
            return;
        }
        List<String> found =
                owners.keySet().stream().filter(n -> n.endsWith("." + landmark)).toList();
        if (!owners.containsKey(landmark) && found.size() == 1) {
            root = found.get(0).substring(0, found.get(0).length() - landmark.length());
        }
    }

    /** The stored name of an existing tensor. */
    String storedName(String asked) {
        return known(asked);
    }

    /** What a tensor is called in these files: names have changed over the years. */
    private String known(String name) {
        for (String prefix : root.isEmpty() ? List.of("") : List.of(root, "")) {
            for (String candidate : FormerNames.of(name)) {
                if (owners.containsKey(prefix + candidate)) {
                    return prefix + candidate;
                }
            }
        }
        return name;
    }

    /** Reads a tensor of any shape, as 32-bit floats. */
    Tensor readAny(String asked) {
        info(asked);
        String name = known(asked);
        used.add(name);
        SafetensorsFile owner = owners.get(name);
        if (owner == null) {
            throw new IllegalStateException(name);
        }
        return owner.read(name).to(ScalarType.Float);
    }

    /** The names of the tensors that were read, sorted. */
    Set<String> used() {
        return new TreeSet<>(used);
    }

    /** Tensors that were never asked for, sorted. */
    Set<String> ignored() {
        Set<String> rest = new TreeSet<>(owners.keySet());
        rest.removeAll(used);
        return rest;
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
