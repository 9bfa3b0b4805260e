package io.residual.fit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.data.ImageBatches;
import io.residual.data.LabelledImages;
import io.residual.data.Split;
import io.residual.fit.Trainer.Epoch;
import io.residual.images.Batch;
import io.residual.model.ImageTextModel;
import io.residual.model.TrainableTower;
import io.residual.tensor.AdamW;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.zeroshot.Classifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Full fine-tuning: every weight of the image tower is trained against frozen class embeddings (Basile et al. 2025, section
 * 4), and the epoch that does best on the validation split is kept, the start included. Each epoch encodes every image
 * anew, which is what the adapters avoid.
 *
 * <p>The result may be interpolated with the model's own weights (Wortsman et al., CVPR 2022, arXiv 2109.01903, "WiSE-FT"), at a given place
 * or at the one that is best on validation.
 */
public final class FineTuner {
    /** Batch size for evaluation. */
    private static final int LOOK = 64;

    /**
     * Settings of full fine-tuning.
     *
     * @param rate learning rate of AdamW; 1e-5 as published
     * @param weightDecay weight decay of matrices; PyTorch's default is 0.01
     * @param clip largest norm of a gradient
     * @param batch batch size
     * @param epochs maximum number of epochs
     * @param patience early stopping after so many epochs without better validation accuracy
     * @param seed of the order of images
     * @param interpolation share of the tuned weights in the result, the rest being the model's own: 1 for the tuned ones, .5 as WiSE-FT
     *     publishes; {@link #CHOSEN} for the best of eleven on validation
     */
    public record Settings(
            double rate,
            double weightDecay,
            double clip,
            int batch,
            int epochs,
            int patience,
            long seed,
            double interpolation) {
        /** Stands for an interpolation that validation chooses. */
        public static final double CHOSEN = Double.NaN;

        /** What stands for it in words. */
        public static final String CHOSEN_NAME = "validation";

        /** The published settings. */
        public static final Settings DEFAULT = new Settings(1e-5, .01, 1, 128, 30, 5, 0);

        public Settings {
            require(rate > 0 && Double.isFinite(rate), "rate", rate, "a positive number");
            require(weightDecay >= 0 && Double.isFinite(weightDecay), "weight-decay", weightDecay, "0 or more");
            require(clip > 0 && Double.isFinite(clip), "clip", clip, "a positive number");
            require(batch > 0, "batch", batch, "1 or more");
            require(epochs > 0, "epochs", epochs, "1 or more");
            require(patience > 0, "patience", patience, "1 or more");
            require(
                    Double.isNaN(interpolation) || (interpolation >= 0 && interpolation <= 1),
                    "interpolation",
                    interpolation,
                    "a share from 0 to 1, or " + CHOSEN_NAME);
        }

        /** Settings that keep the tuned weights as they are. */
        public Settings(double rate, double weightDecay, double clip, int batch, int epochs, int patience, long seed) {
            this(rate, weightDecay, clip, batch, epochs, patience, seed, 1);
        }

        /** The same with another interpolation, 0 to 1 or {@link #CHOSEN}. */
        public Settings interpolated(double share) {
            return new Settings(rate, weightDecay, clip, batch, epochs, patience, seed, share);
        }

        /** A part of a document. */
        public ObjectNode json() {
            ObjectNode json = Json.object()
                    .put("rate", rate)
                    .put("weight_decay", weightDecay)
                    .put("clip", clip)
                    .put("batch", batch)
                    .put("epochs", epochs)
                    .put("patience", patience)
                    .put("seed", seed);
            return Double.isNaN(interpolation)
                    ? json.put("interpolation", CHOSEN_NAME)
                    : json.put("interpolation", interpolation);
        }

        private static void require(boolean holds, String name, Object found, String expected) {
            if (!holds) {
                throw InputException.at(name, String.valueOf(found), expected, "Correct it");
            }
        }
    }

    /**
     * A tuned tower.
     *
     * @param tower with the weights of the best epoch; the caller closes it
     * @param curve every epoch, the start first
     */
    public record Tuned(TrainableTower tower, Epoch best, List<Epoch> curve, double seconds) {
        public Tuned {
            best.requireFinite();
            curve = List.copyOf(curve);
        }
    }

    private final ImageTextModel model;
    private final Classifier classifier;
    private final Settings settings;
    private final Progress progress;

    public FineTuner(ImageTextModel model, Classifier classifier, Settings settings, Progress progress) {
        this.model = model;
        this.classifier = classifier;
        this.settings = settings;
        this.progress = progress;
    }

    /** Tunes a copy of the model's image tower. */
    public Tuned tune(LabelledImages<Split.Train> train, LabelledImages<Split.Validation> validation) {
        long started = System.nanoTime();
        TrainableTower tower = new TrainableTower(model);
        boolean done = false;
        try (AdamW optimiser =
                new AdamW(tower.parameters(), new AdamW.Settings(.9, .999, 1e-8, settings.weightDecay()))) {
            List<Epoch> curve = new ArrayList<>();
            Epoch best = look(tower, validation, 0, Double.NaN).requireFinite();
            curve.add(best);
            Random random = new Random(settings.seed());
            progress.start("fine-tuning", (long) settings.epochs() * train.size());
            for (int epoch = 1; epoch <= settings.epochs() && epoch - best.epoch() <= settings.patience(); epoch++) {
                double loss = epoch(tower, optimiser, train, random, epoch);
                Epoch now = look(tower, validation, epoch, loss);
                curve.add(now);
                if (now.isBetterThan(best)) {
                    best = now;
                    tower.remember();
                }
            }
            progress.finish();
            tower.recall();
            best = interpolated(tower, validation, best);
            done = true;
            return new Tuned(tower, best, curve, (System.nanoTime() - started) / 1e9);
        } finally {
            if (!done) {
                tower.close();
            }
        }
    }

    /** Moves the tower to its place between the model's own weights and the tuned ones; what it is worth on validation there. */
    private Epoch interpolated(TrainableTower tower, LabelledImages<Split.Validation> validation, Epoch tuned) {
        double share = settings.interpolation();
        if (share == 1) {
            return tuned;
        }
        Epoch best = tuned;
        if (Double.isNaN(share)) {
            share = 1;
            for (int tenths = 9; tenths >= 0; tenths--) {
                tower.interpolate(tenths / 10.0);
                Epoch now = look(tower, validation, tuned.epoch(), tuned.trainLoss());
                if (now.isBetterThan(best)) {
                    best = now;
                    share = tenths / 10.0;
                }
            }
            tower.interpolate(share);
            return best;
        }
        tower.interpolate(share);
        return look(tower, validation, tuned.epoch(), tuned.trainLoss()).requireFinite();
    }

    /** One pass over the training images in a new order; gives the mean loss. */
    private double epoch(
            TrainableTower tower, AdamW optimiser, LabelledImages<Split.Train> train, Random random, int epoch) {
        int[] order = IntStream.range(0, train.size()).toArray();
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int held = order[i];
            order[i] = order[j];
            order[j] = held;
        }
        double sum = 0;
        int seen = 0;
        TensorVector parameters = new TensorVector(tower.parameters().toArray(Tensor[]::new));
        try (ImageBatches batches = new ImageBatches(train, model.preprocessing(), order, settings.batch())) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                if (batch.size() > 0) {
                    try (NativeScope scope = NativeScope.training()) {
                        Tensor logits = Classifier.logits(tower.tower().encode(pixels(batch)), classifier.matrix());
                        Tensor loss = Ops.crossEntropy(logits, Tensors.indices(batch.labels()));
                        loss.backward();
                        torch.clip_grad_norm_(parameters, settings.clip());
                        optimiser.step(settings.rate());
                        sum += loss.item_double() * batch.size();
                    }
                }
                seen += batch.size();
                progress.at(
                        (epoch - 1L) * train.size() + seen,
                        String.format(Locale.ROOT, "epoch %d, loss %.3f", epoch, sum / Math.max(1, seen)));
            }
        } finally {
            parameters.close();
        }
        return sum / Math.max(1, seen);
    }

    private Epoch look(TrainableTower tower, LabelledImages<Split.Validation> validation, int epoch, double loss) {
        int[] order = IntStream.range(0, validation.size()).toArray();
        double sum = 0;
        int right = 0;
        int seen = 0;
        try (ImageBatches batches = new ImageBatches(validation, model.preprocessing(), order, LOOK)) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                if (batch.size() > 0) {
                    try (NativeScope scope = NativeScope.inference()) {
                        Tensor logits = Classifier.logits(tower.tower().encode(pixels(batch)), classifier.matrix());
                        sum += Ops.crossEntropy(logits, Tensors.indices(batch.labels()))
                                        .item_double()
                                * batch.size();
                        right += Classifier.right(logits, batch.labels());
                    }
                    seen += batch.size();
                }
            }
        }
        if (seen == 0) {
            throw InputException.at("the validation split", "no readable image", "at least one", "Check the files");
        }
        return new Epoch(epoch, 0, loss, sum / seen, Double.isFinite(sum) ? (double) right / seen : Double.NaN);
    }

    private Tensor pixels(Batch batch) {
        int height = model.preprocessing().inputHeight();
        int width = model.preprocessing().inputWidth();
        return Tensors.of(batch.pixels(), batch.size(), 3, height, width);
    }
}
