package io.residual.sweep;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.base.Json;
import io.residual.base.Schema;
import io.residual.experiment.Experiment;
import io.residual.experiment.FewShots;
import io.residual.experiment.Fit;
import io.residual.experiment.TestScore;
import io.residual.fit.Trainer.Epoch;
import io.residual.model.TrainableTower;
import io.residual.provenance.Provenance;
import io.residual.sweep.Sweep.Data;
import io.residual.zeroshot.Accuracy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes finished fits and their test scores: the rows of the store, and the files of adapters and tuned towers. */
final class SweepRows {
    private final Sweep sweep;
    private final SweepStore store;
    private final SweepFiles files;

    SweepRows(Sweep sweep, SweepStore store, SweepFiles files) {
        this.sweep = sweep;
        this.store = store;
        this.files = files;
    }

    /** A finished fit. */
    void fitted(Work work, Data data, KeyedFit each, Experiment experiment, Fit made) {
        TrainableTower tuned = made.tower();
        if (tuned != null) {
            ObjectNode notes = Schema.FINETUNING.document().put("made_by", "residual reproduce");
            notes.put("data", data.recipe().source());
            notes.set("settings", each.fit().variant().settings().tuning().json());
            notes.set("provenance", made.provenance().json());
            tuned.write(files.tower(each.key()), notes);
        }
        made.file().write(files.adapter(each.key())); // of a tuned tower the identity, which reads back as such
        Sweep.Fit fit = each.fit();
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("key", each.key());
        row.put("model", work.name());
        row.put("model_hash", work.model().hash());
        row.put("dataset", data.label());
        row.put("variant", fit.variant().name());
        row.put("method", fit.variant().method().id());
        row.put("shots", fit.shots() == FewShots.ALL ? 0 : fit.shots());
        row.put("draw", fit.draw());
        row.put("classes", made.classifier().classes().size());
        row.put("train_images", experiment.trainImages());
        row.put("validation_images", experiment.validation().size());
        row.put("parameters", (long) made.parameters());
        row.put("train_accuracy", made.trainAccuracy());
        row.put("validation_accuracy", made.validationAccuracy());
        row.put(
                "held_out_accuracy",
                sweep.allImagesOnly() ? null : made.heldOut().accuracy().value());
        row.put("fit_seconds", made.seconds());
        double strength = made.best().penalty();
        row.put("strength", Double.isFinite(strength) ? strength : null); // none for the unadapted model
        row.put("note", made.note());
        row.put("curve", curve(made.curve()));
        row.put("calibration", Json.line(made.calibration().json()));
        row.put("provenance", Json.line(made.provenance().json()));
        row.put("fitted_at", now());
        store.put("runs", row);
    }

    /** The test score of a stored fit. {@code testHash}: of the test images. */
    void tested(KeyedFit each, TestScore score, List<String> classes, String testHash) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("test_right", score.accuracy().right());
        row.put("test_images", score.accuracy().of());
        row.put("test_hash", testHash);
        row.put("error_before", score.reliability().errorBefore());
        row.put("error_after", score.reliability().errorAfter());
        row.put("coverage", score.reliability().coverage());
        double accepted = score.reliability().accepted();
        row.put("accepted_accuracy", Double.isNaN(accepted) ? null : accepted);
        int worst = score.worst();
        Accuracy least = worst < 0 ? null : score.classes().get(worst);
        row.put("worst_class", worst < 0 ? null : classes.get(worst));
        row.put("worst_right", least == null ? null : least.right());
        row.put("worst_images", least == null ? null : least.of());
        row.put("class_right", each(score.classes(), Accuracy::right));
        row.put("class_images", each(score.classes(), Accuracy::of));
        row.put("tested_at", now());
        store.change(each.key(), row);
    }

    /** A number of each class, in order, with spaces between; 0 where the split has no image of it. */
    private static String each(List<@Nullable Accuracy> classes, Function<Accuracy, Integer> number) {
        return classes.stream()
                .map(c -> c == null ? "0" : String.valueOf(number.apply(c)))
                .collect(Collectors.joining(" "));
    }

    private static String curve(List<Epoch> curve) {
        StringBuilder text = new StringBuilder("epoch,penalty,train_loss,validation_loss,validation_accuracy\n");
        for (Epoch e : curve) {
            text.append(String.format(
                    java.util.Locale.ROOT,
                    "%d,%s,%s,%.6f,%.6f%n",
                    e.epoch(),
                    e.penalty(),
                    Double.isNaN(e.trainLoss()) ? "" : String.valueOf((float) e.trainLoss()),
                    e.validationLoss(),
                    e.validationAccuracy()));
        }
        return text.toString();
    }

    private static String now() {
        return Provenance.now();
    }
}
