package io.residual.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.RegularFiles;
import io.residual.tensor.Finite;
import io.residual.tensor.NativeScope;
import io.residual.weights.SafetensorsFile;
import io.residual.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a model's image tower whose weights can be trained, and written back in the format that the model was read
 * from.
 */
public final class TrainableTower implements AutoCloseable {
    private final ImageTextModel model;
    private final Map<Tensor, Tensor> copies = new LinkedHashMap<>();
    private final List<Tensor> parameters = new ArrayList<>();
    private final List<Tensor> originals = new ArrayList<>(); // of the parameters, in their order
    private final List<Tensor> best = new ArrayList<>();
    private final ImageTower tower;
    private double interpolation = 1;

    /** Copies a model's image tower. Tensors that were computed rather than read, such as interpolated positions, stay. */
    public TrainableTower(ImageTextModel model) {
        this.model = model;
        if (model.arithmetic() != Arithmetic.FP32) {
            throw InputException.at(
                    model.folder(),
                    "a model with products in " + model.arithmetic(),
                    "32-bit products, which training needs",
                    "Leave out --bf16");
        }
        ImageWeights w = model.image().weights();
        tower = ImageTower.of(
                model.image().config(),
                new ImageWeights(
                        copy(w.embedding()),
                        w.rotary(),
                        w.blocks().stream().map(this::copy).toList(),
                        copy(w.post()),
                        copy(w.readout())));
        remember();
    }

    private Tensor copy(Tensor original) {
        boolean trained = model.origins().containsKey(original);
        return copies.computeIfAbsent(original, o -> {
            try (NativeScope scope = NativeScope.inference()) {
                Tensor copy = scope.release(o.clone()).set_requires_grad(trained);
                if (trained) {
                    parameters.add(copy);
                    originals.add(o);
                }
                return copy;
            }
        });
    }

    private @Nullable Tensor copyOrNull(@Nullable Tensor original) {
        return original == null ? null : copy(original);
    }

    private Embedding copy(Embedding e) {
        Grid grid = e.grid();
        LayerNorm pre = e.pre();
        boolean same = grid != null && grid.trained().equals(e.positions()); // else the positions were computed from it
        return new Embedding(
                copy(e.patch()),
                copyOrNull(e.patchBias()),
                copyOrNull(e.classToken()),
                copyOrNull(e.registers()),
                copyOrNull(e.positions()),
                grid != null && same ? new Grid(copy(grid.trained()), grid.antialias()) : grid,
                pre == null ? null : copy(pre));
    }

    private Block copy(Block b) {
        return new Block(copy(b.norm1()), copy(b.qkv()), copy(b.out()), copy(b.norm2()), copy(b.fc1()), copy(b.fc2()));
    }

    private Readout copy(Readout readout) {
        Linear projection = readout.projection();
        Linear copied = projection == null ? null : copy(projection);
        if (readout instanceof Readout.AttentionPool pool) {
            return new Readout.AttentionPool(
                    pool.heads(),
                    copy(pool.query()),
                    copy(pool.qkv()),
                    copy(pool.out()),
                    copy(pool.norm()),
                    copy(pool.fc1()),
                    copy(pool.fc2()));
        }
        return readout instanceof Readout.ClassToken ? new Readout.ClassToken(copied) : new Readout.PatchMean(copied);
    }

    private LayerNorm copy(LayerNorm norm) {
        return new LayerNorm(copy(norm.weight()), copy(norm.bias()), norm.eps());
    }

    private Linear copy(Linear linear) {
        return new Linear(copy(linear.weight()), copyOrNull(linear.bias()));
    }

    /** The tower, with the copied weights. */
    public ImageTower tower() {
        return tower;
    }

    /** The trained tensors: leaves that require gradients. */
    public List<Tensor> parameters() {
        return List.copyOf(parameters);
    }

    /** The number of trained parameters. */
    public long size() {
        return parameters.stream().mapToLong(Tensor::numel).sum();
    }

    /** Keeps the weights as they are now. */
    public void remember() {
        try (NativeScope scope = NativeScope.inference()) {
            for (int i = 0; i < parameters.size(); i++) {
                if (best.size() <= i) {
                    best.add(scope.release(parameters.get(i).clone()));
                } else {
                    best.get(i).copy_(parameters.get(i));
                }
            }
        }
    }

    /** Goes back to the weights that were last remembered. */
    public void recall() {
        try (NativeScope scope = NativeScope.inference()) {
            for (int i = 0; i < parameters.size(); i++) {
                parameters.get(i).copy_(best.get(i));
            }
        }
    }

    /**
     * Weights between the model's own and those that were last remembered: (1 − share) · own + share · remembered (Wortsman et al., CVPR
     * 2022, arXiv 2109.01903, "WiSE-FT"). 0 gives the model's own exactly, 1 the remembered ones.
     *
     * @param share from 0 to 1
     */
    public void interpolate(double share) {
        try (NativeScope scope = NativeScope.inference()) {
            for (int i = 0; i < parameters.size(); i++) {
                parameters.get(i).copy_(originals.get(i).lerp(best.get(i), new Scalar(share)));
            }
        }
        interpolation = share;
    }

    /** The share of {@link #interpolate}; 1 if it was not called. */
    public double interpolation() {
        return interpolation;
    }

    /** The model with this tower in place of its own. It is valid as long as both are open. */
    public ImageTextModel model() {
        return model.with(tower);
    }

    /** The description of a folder that {@link #writeFolder} may replace. */
    private static final String TRAINED = "a model that this program trained";

    private static final String NOTES_NAME = "training.json";
    private static final int NOTES = 16 << 20;

    /** Whether a folder is a model written by this program and nothing else, so that it may be replaced. */
    public static boolean isTrained(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(e -> String.valueOf(e.getFileName()))
                            .allMatch(name -> name.equals(NOTES_NAME) || ModelFiles.isOne(name))
                    && RegularFiles.text(folder.resolve(NOTES_NAME), "notes on training", NOTES)
                            .contains("\"tool\" : \"residual");
        } catch (IOException | InputException e) {
            return false;
        }
    }

    /**
     * Complains if no model can be written there: before hours of training.
     *
     * @throws InputException if there is something else under that name, or nothing can be written there
     */
    public static void requireRoom(Path target) {
        AtomicFiles.requireReplaceable(target, TrainableTower::isTrained, TRAINED);
    }

    /** Creates a trained model's folder, or replaces one that was trained here, once the new one is whole. */
    public static void writeFolder(Path target, AtomicFiles.Writer writer) {
        AtomicFiles.writeFolder(target, TrainableTower::isTrained, TRAINED, writer);
    }

    /**
     * Writes the model with the trained tower, in the format and files of the original; weights of the tower as 32-bit
     * floats, everything else as it was.
     *
     * @param notes notes on the training, written as {@code training.json}
     */
    public void write(Path target, ObjectNode notes) {
        writeFolder(target, folder -> {
            Map<String, Integer> owner = new HashMap<>();
            List<SafetensorsFile> files = new ArrayList<>();
            try (NativeScope scope = NativeScope.inference()) {
                for (Path path : model.weightFiles()) {
                    SafetensorsFile file = SafetensorsFile.open(path);
                    files.add(file);
                    file.names().forEach(n -> owner.put(n, files.size() - 1));
                }
                Map<Tensor, Tensor> trained = new LinkedHashMap<>();
                copies.forEach((original, copy) -> {
                    if (model.origins().containsKey(original)) {
                        trained.put(original, copy.detach());
                    }
                });
                Map<String, Tensor> changed = Origin.invertAll(
                        trained, model.origins(), name -> files.get(Objects.requireNonNull(owner.get(name), name))
                                .read(name)
                                .to(org.bytedeco.pytorch.global.torch.ScalarType.Float));
                for (SafetensorsFile file : files) {
                    write(file, changed, folder);
                }
            } finally {
                files.forEach(SafetensorsFile::close);
            }
            copyBeside(folder);
            Files.writeString(folder.resolve(NOTES_NAME), Json.file(notes));
        });
    }

    private static void write(SafetensorsFile file, Map<String, Tensor> changed, Path folder) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        file.metadata().forEach(writer::metadata);
        for (String name : file.names()) {
            try (NativeScope scope = NativeScope.inference()) {
                Tensor now = changed.get(name);
                writer.add(
                        name,
                        now == null
                                ? file.read(name)
                                : Finite.require(now, "tensor '" + name + "'", "Train again with a smaller rate"));
            }
        }
        writer.writeTo(folder.resolve(file.path().getFileName()));
    }

    private void copyBeside(Path folder) throws IOException {
        for (Path file : ModelFiles.beside(model.folder())) {
            Files.copy(file, folder.resolve(file.getFileName()));
        }
        for (Path weights : model.weightFiles()) {
            String name = weights.getFileName().toString();
            for (String whole : List.of(HuggingFaceClip.WEIGHTS, OpenClip.WEIGHTS)) {
                Path index = model.folder().resolve(whole + ".index.json");
                if (!name.equals(whole) && Files.exists(index) && !Files.exists(folder.resolve(index.getFileName()))) {
                    Files.copy(index, folder.resolve(index.getFileName()));
                }
            }
        }
    }

    @Override
    public void close() {
        copies.values().forEach(Tensor::close);
        best.forEach(Tensor::close);
    }
}
