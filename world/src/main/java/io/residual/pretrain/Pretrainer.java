package io.residual.pretrain;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.AtomicFiles;
import io.residual.base.FolderLock;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.Progress;
import io.residual.base.Schema;
import io.residual.chart.LineChart;
import io.residual.model.TokenIds;
import io.residual.model.TrainableTower;
import io.residual.pretrain.Curriculum.Exam;
import io.residual.provenance.Provenance;
import io.residual.tensor.AdamW;
import io.residual.tensor.NativeScope;
import io.residual.tensor.Ops;
import io.residual.tensor.Tensors;
import io.residual.weights.SafetensorsFile;
import io.residual.weights.SafetensorsWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Trains a {@link TinyClip} contrastively (Radford et al. 2021, figure 3): in a batch every image must find its
 * caption and every caption its image; captions that agree count as positives of one another.
 *
 * <p>The run can be stopped at any moment and resumed from its last checkpoint; the result is the same as that of an
 * undisturbed run on the same machine with the same number of threads.
 */
public final class Pretrainer {
    private static final AdamW.Settings OPTIMISER = new AdamW.Settings(.9, .98, 1e-8, .05);
    private static final double GRADIENT_NORM = 1;
    private static final double LARGEST_SCALE = Math.log(100);

    /** Columns of the curve before the tasks': step, loss, scale. */
    private static final int FIRST_TASK = 3;

    /**
     * An evaluation during a run: the mean loss since the last one, and the zero-shot accuracy of each exam, in order.
     */
    public record Look(long step, double loss, double scale, List<Double> accuracy) {
        /** One line of the curve's file. */
        String csv() {
            StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%d,%.4f,%.2f", step, loss, scale));
            accuracy.forEach(share -> line.append(String.format(Locale.ROOT, ",%.4f", share)));
            return line.toString();
        }
    }

    private final PretrainSettings settings;
    private final Path folder;
    private final Progress progress;
    private final Curriculum curriculum;
    private final List<Exam> exams;
    private final WorldTokenizer tokenizer;
    private final TinyClip clip;
    private final AdamW optimiser;
    private final List<String> curve = new ArrayList<>();

    /** A run on the embedded world that has not started. */
    public Pretrainer(PretrainSettings settings, Path folder, Progress progress) {
        this(settings, new WorldCurriculum(), folder, progress);
    }

    /**
     * A new run.
     *
     * @param curriculum the training images
     * @param folder folder where the checkpoint, the curve and at the end the model are written
     */
    public Pretrainer(PretrainSettings settings, Curriculum curriculum, Path folder, Progress progress) {
        this.curriculum = curriculum;
        this.exams = curriculum.exams();
        this.tokenizer = new WorldTokenizer(curriculum.vocabulary(), TinyClip.CONTEXT);
        this.settings = settings;
        this.folder = folder;
        this.progress = progress;
        clip = new TinyClip(settings.architecture(), tokenizer.size(), tokenizer.end(), settings.seed());
        optimiser = new AdamW(List.copyOf(clip.parameters().values()), OPTIMISER);
        StringBuilder header = new StringBuilder("step,loss,scale");
        exams.forEach(exam -> header.append(',').append(exam.name().replaceAll("[,\\s]+", "-")));
        curve.add(header.toString());
    }

    /** Trains from the last checkpoint in the folder, or from the beginning, to the end; writes the model. */
    public void run() throws InterruptedException {
        TrainableTower.requireRoom(model());
        try (FolderLock lock = FolderLock.take(folder)) {
            train();
        }
    }

    private void train() throws InterruptedException {
        long first = resume();
        double lossSum = 0;
        long lossCount = 0;
        progress.start("pre-training", settings.steps());
        progress.at(first);
        try (BatchStream batches = new BatchStream(settings, curriculum, tokenizer, first)) {
            for (long step = first; step < settings.steps(); step++) {
                lossSum += step(batches.take(), settings.rateAt(step));
                lossCount++;
                progress.at(step + 1, String.format(Locale.ROOT, "loss %.3f", lossSum / lossCount));
                if ((step + 1) % settings.evaluateEvery() == 0 || step + 1 == settings.steps()) {
                    Look look = look(step + 1, lossSum / lossCount);
                    curve.add(look.csv());
                    checkpoint(step + 1);
                    lossSum = 0;
                    lossCount = 0;
                }
            }
        }
        progress.finish();
        writeModel();
    }

    /** The model's folder that the run ends with. */
    public Path model() {
        return folder.resolve("model");
    }

    /** The curve so far as CSV: a header and a line for every evaluation. */
    public String curve() {
        return String.join("\n", curve);
    }

    private void writeModel() {
        AtomicFiles.writeString(folder.resolve("curve.csv"), curve() + "\n");
        AtomicFiles.writeString(folder.resolve("curve.svg"), chart());
        TrainableTower.writeFolder(model(), target -> {
            clip.write(target, tokenizer);
            Files.writeString(target.resolve("tokenizer.json"), Json.file(tokenizer.json()));
            Files.writeString(target.resolve("tokenizer_config.json"), Json.file(tokenizer.config()));
            Files.writeString(target.resolve("training.json"), Json.file(record()));
        });
    }

    /** A record of how the model was trained. */
    public ObjectNode record() {
        ObjectNode root = Schema.PRETRAINING.document();
        root.put("tool", Provenance.version());
        root.put("made_by", "residual pretrain");
        root.put("architecture", settings.architecture().id());
        root.put("images", settings.images());
        root.put("batch", settings.batch());
        root.put("rate", settings.rate());
        root.put("seed", settings.seed());
        root.put("curriculum", curriculum.id());
        root.put("last_evaluation", curve.get(curve.size() - 1));
        root.put("columns", curve.get(0));
        return root;
    }

    private double step(BatchStream.Batch batch, double rate) {
        try (NativeScope scope = NativeScope.training()) {
            int n = batch.captions().size();
            int side = TinyClip.IMAGE.imageSize();
            Tensor image = Ops.normalise(clip.image().encode(Tensors.of(batch.pixels(), n, 3, side, side)));
            Tensor text = Ops.normalise(clip.text().encode(batch.captions()));
            Tensor logits = image.matmul(text.t()).mul(clip.logitScale().exp()); // [n, n]
            Tensor targets = targets(batch.captions());
            Tensor loss = Ops.scale(Ops.crossEntropy(logits, targets).add(Ops.crossEntropy(logits.t(), targets)), .5);
            loss.backward();
            torch.clip_grad_norm_(new TensorVector(clip.parameters().values().toArray(Tensor[]::new)), GRADIENT_NORM);
            optimiser.step(rate);
            try (NativeScope still = NativeScope.inference()) {
                clip.logitScale()
                        .clamp_(
                                new org.bytedeco.pytorch.ScalarOptional(new Scalar(0.0)),
                                new org.bytedeco.pytorch.ScalarOptional(new Scalar(LARGEST_SCALE)));
            }
            return loss.item_double();
        }
    }

    /** Rows of equal captions share their probability. [n, n], rows summing to 1. */
    private static Tensor targets(TokenIds captions) {
        int n = captions.size();
        float[] targets = new float[n * n];
        long[][] rows = new long[n][];
        Arrays.setAll(rows, captions::row);
        for (int i = 0; i < n; i++) {
            int equal = 0;
            for (int j = 0; j < n; j++) {
                if (Arrays.equals(rows[i], rows[j])) {
                    targets[i * n + j] = 1;
                    equal++;
                }
            }
            for (int j = 0; j < n; j++) {
                targets[i * n + j] /= equal;
            }
        }
        return Tensors.of(targets, n, n);
    }

    /** Zero-shot accuracy on images that belong to no split. */
    private Look look(long step, double loss) {
        List<Double> accuracy = new ArrayList<>();
        try (NativeScope scope = NativeScope.inference()) {
            for (Exam exam : exams) {
                Tensor classes = Ops.normalise(clip.text().encode(tokenizer.encode(exam.texts())));
                int side = TinyClip.IMAGE.imageSize();
                int count = exam.labels().length;
                Tensor images =
                        clip.image().encode(Tensors.of(BatchStream.pixels(exam.images()), count, 3, side, side));
                int[] chosen = Tensors.ints(Ops.argmaxRows(images.matmul(classes.t())));
                int right = 0;
                for (int i = 0; i < count; i++) {
                    right += chosen[i] == exam.labels()[i] ? 1 : 0;
                }
                accuracy.add(right / (double) count);
            }
            return new Look(step, loss, clip.logitScale().exp().item_double(), accuracy);
        }
    }

    /** The settings that a checkpoint must share to be resumed. */
    private String identity() {
        return settings + ", " + curriculum.id() + ", " + tokenizer.size() + " tokens";
    }

    private Path state() {
        return folder.resolve("checkpoint.safetensors");
    }

    private void checkpoint(long step) {
        SafetensorsWriter writer = new SafetensorsWriter()
                .metadata("settings", identity())
                .metadata("step", String.valueOf(step))
                .metadata("curve", String.join("\n", curve));
        int i = 0;
        for (Map.Entry<String, Tensor> parameter : clip.parameters().entrySet()) {
            writer.add("value." + parameter.getKey(), parameter.getValue());
            writer.add("mean." + parameter.getKey(), optimiser.means().get(i));
            writer.add("square." + parameter.getKey(), optimiser.squares().get(i));
            i++;
        }
        writer.write(state());
        AtomicFiles.writeString(folder.resolve("curve.csv"), curve() + "\n");
        AtomicFiles.writeString(folder.resolve("curve.svg"), chart());
    }

    /** The curve as an image: a line a task. */
    private String chart() {
        List<double[]> rows = curve.stream()
                .skip(1)
                .map(line -> Arrays.stream(line.split(","))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toList();
        LineChart chart =
                new LineChart("Zero-shot accuracy during pre-training", "images seen", 100).yLabel("accuracy in %");
        double[] seen =
                rows.stream().mapToDouble(row -> row[0] * settings.batch()).toArray();
        for (int i = 0; i < exams.size(); i++) {
            int column = FIRST_TASK + i;
            chart.line(
                    exams.get(i).name(),
                    seen,
                    rows.stream().mapToDouble(row -> 100 * row[column]).toArray());
        }
        return chart.svg();
    }

    /** Restores the last checkpoint, if there is one; gives the step to go on with. */
    private long resume() {
        if (!Files.exists(state())) {
            return 0;
        }
        try (SafetensorsFile file = SafetensorsFile.open(state());
                NativeScope scope = NativeScope.inference()) {
            String made = file.metadata().getOrDefault("settings", "nothing");
            if (!made.equals(identity())) {
                throw InputException.at(
                        state(), made, identity(), "Give the same settings to resume, or another folder to begin anew");
            }
            int i = 0;
            for (Map.Entry<String, Tensor> parameter : clip.parameters().entrySet()) {
                parameter.getValue().copy_(file.read("value." + parameter.getKey()));
                optimiser.means().get(i).copy_(file.read("mean." + parameter.getKey()));
                optimiser.squares().get(i).copy_(file.read("square." + parameter.getKey()));
                i++;
            }
            long step = Long.parseLong(file.metadata().getOrDefault("step", "0"));
            optimiser.resumeAt(step);
            curve.clear();
            curve.addAll(List.of(file.metadata().getOrDefault("curve", "").split("\n")));
            return step;
        }
    }
}
