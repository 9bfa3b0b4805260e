package io.residual.bench;

import io.residual.model.Activation;
import io.residual.model.Arithmetic;
import io.residual.model.Block;
import io.residual.model.ClipTextTower;
import io.residual.model.HuggingFaceClipWriter;
import io.residual.model.ImageConfig;
import io.residual.model.ImageTextModel;
import io.residual.model.ImageTower;
import io.residual.model.ImageWeights;
import io.residual.model.LayerNorm;
import io.residual.model.Linear;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.world.EmbeddedModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A checkpoint of full size with random weights, beside the tokenizer of a model that ships. Speed does not depend on weights. */
final class SyntheticModel {
    private static final double EPS = 1e-5;
    private static final int TEXT_WIDTH = 64;
    private static final int VOCABULARY = 147;
    private static final int[] SPECIAL = {145, 146};

    private SyntheticModel() {}

    /** Opens a model of a shape from a folder, which is written first if it is not there. */
    static ImageTextModel open(Shape shape, Arithmetic arithmetic, Path folders) {
        Path folder = folders.resolve(shape.name());
        if (!Files.exists(folder.resolve("config.json"))) {
            write(shape.config(), folder);
        }
        return ImageTextModel.open(folder, arithmetic);
    }

    private static void write(ImageConfig config, Path folder) {
        try (NativeScope scope = NativeScope.inference()) {
            Files.createDirectories(folder);
            for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
                Files.write(
                        folder.resolve(file),
                        Files.readAllBytes(
                                EmbeddedModels.folder(EmbeddedModels.WORLD_CLIP).resolve(file)));
            }
            int d = config.width();
            int p = config.patchSize();
            ImageTower image = ImageTower.of(
                    config,
                    new ImageWeights(
                            normal(.02, d, 3, p, p),
                            null,
                            normal(.02, d),
                            normal(.02, 1 + config.patches(), d),
                            norm(d),
                            blocks(config.layers(), d),
                            norm(d),
                            new Linear(normal(.02, config.sharedWidth(), d), null)));
            ClipTextTower text = new ClipTextTower(
                    new ClipTextTower.Weights(
                            normal(.02, VOCABULARY, TEXT_WIDTH),
                            normal(.02, 48, TEXT_WIDTH),
                            blocks(1, TEXT_WIDTH),
                            norm(TEXT_WIDTH),
                            new Linear(normal(.02, config.sharedWidth(), TEXT_WIDTH), null)),
                    1,
                    Activation.GELU,
                    new ClipTextTower.EndOfText.Id(SPECIAL[1]));
            HuggingFaceClipWriter.write(folder, image, text, (float) Math.log(100), SPECIAL, false);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder + ": " + e.getMessage(), e);
        }
    }

    private static List<Block> blocks(int layers, int d) {
        List<Block> blocks = new ArrayList<>();
        for (int l = 0; l < layers; l++) {
            blocks.add(new Block(norm(d), linear(3 * d, d), linear(d, d), norm(d), linear(4 * d, d), linear(d, 4 * d)));
        }
        return blocks;
    }

    private static Linear linear(int out, int in) {
        return new Linear(normal(.02, out, in), normal(.02, out));
    }

    private static LayerNorm norm(int d) {
        return new LayerNorm(Ops.shift(normal(.05, d), 1), normal(.05, d), EPS);
    }

    private static Tensor normal(double deviation, long... shape) {
        return Ops.scale(torch.randn(shape), deviation);
    }
}
