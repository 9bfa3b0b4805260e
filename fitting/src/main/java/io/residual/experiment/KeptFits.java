package io.residual.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.AdapterFile;
import io.residual.adapt.Method;
import io.residual.base.AtomicFiles;
import io.residual.base.InputException;
import io.residual.base.Json;
import io.residual.base.JsonObject;
import io.residual.base.TextFiles;
import io.residual.base.UserCache;
import io.residual.data.Split;
import io.residual.fit.Trainer.Epoch;
import io.residual.provenance.ContentHash;
import io.residual.units.Trace;
import io.residual.units.UnitFrame;
import io.residual.zeroshot.Classifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fits of a run that is not finished, on disk, so that it goes on where it was stopped. A fit is found again by a hash of all that
 * determines it: this version and build, the model's files and arithmetic, the orientation of images, the images with their labels,
 * those that components come from, the class embeddings, the method and its settings. {@link #finished} removes what a run has kept; what others left is removed when it is a week old. What is damaged is fitted again. For one
 * thread; several processes may share a folder.
 */
public final class KeptFits {
    private static final System.Logger LOG = System.getLogger(KeptFits.class.getName());
    private static final Duration OLD = Duration.ofDays(7);
    private static final int LARGEST = 16 << 20;

    private final Path folder;
    private final Set<String> own = new LinkedHashSet<>();
    private int found;

    /** Fits kept in a folder, which may not exist yet. */
    public KeptFits(Path folder) {
        this.folder = folder;
        removeOld();
    }

    /** The user's. */
    public static KeptFits ofUser() {
        return new KeptFits(UserCache.folder().resolve("fits"));
    }

    /** How many fits were found that another run made. */
    public int found() {
        return found;
    }

    /** Removes what this run kept or found: its results are where they belong. */
    public void finished() {
        own.forEach(key -> {
            AtomicFiles.delete(course(key));
            AtomicFiles.delete(adapter(key));
        });
        own.clear();
        found = 0;
    }

    /**
     * What a fit's adapter and its course are kept under.
     *
     * @param computing a hash of the program, the model and how images are read
     * @param bases a hash of the general images that components come from; empty for the training images
     */
    static String key(
            String computing,
            Method method,
            ExperimentSettings settings,
            String bases,
            Classifier classifier,
            Trace<Split.Train> train,
            Trace<Split.Validation> validation) {
        ContentHash hash = new ContentHash()
                .add(computing)
                .add(method.id())
                .add(settings.alignment().toString())
                .add(Double.doubleToLongBits(settings.targetAccuracy()))
                .add(bases);
        for (float weight : classifier.weights()) {
            hash.add(Float.floatToIntBits(weight));
        }
        for (Trace<?> trace : List.of(train, validation)) {
            hash.add(trace.provenance().data());
            trace.names().forEach(hash::add);
            for (int label : trace.labels()) {
                hash.add(label);
            }
        }
        return hash.hex();
    }

    /** A kept fit; null where there is none that can be read. */
    @Nullable
    Kept find(String key, UnitFrame frame, String model) {
        if (!Files.isRegularFile(course(key))) {
            return null; // written last
        }
        try {
            AdapterFile file = AdapterFile.read(adapter(key), frame, model);
            JsonObject json =
                    JsonObject.parse(TextFiles.read(course(key), "a fit", LARGEST), course(key), "It is fitted again");
            List<Epoch> curve = new ArrayList<>();
            for (JsonObject point : json.objects("curve")) {
                curve.add(epoch(point));
            }
            Fit.Course course = new Fit.Course(
                    file.adapter().parameters(),
                    json.number("train_accuracy"),
                    epoch(json.object("best")),
                    curve,
                    json.number("seconds"),
                    json.textOrNull("note"));
            if (own.add(key)) {
                found++;
            }
            return new Kept(file, course);
        } catch (InputException | UncheckedIOException e) {
            LOG.log(System.Logger.Level.DEBUG, "damaged or gone: " + key, e);
            return null;
        }
    }

    record Kept(AdapterFile file, Fit.Course course) {}

    /** Keeps a fit; a folder that cannot be written is no error, since nothing but time is lost. */
    void keep(String key, AdapterFile file, Fit.Course course) {
        try {
            ObjectNode json = Json.object()
                    .put("train_accuracy", course.trainAccuracy())
                    .put("seconds", course.seconds())
                    .put("note", course.note());
            json.set("best", json(course.best()));
            ArrayNode curve = json.putArray("curve");
            course.curve().forEach(epoch -> curve.add(json(epoch)));
            file.write(adapter(key));
            AtomicFiles.writeString(course(key), Json.line(json));
            own.add(key);
        } catch (InputException | UncheckedIOException e) {
            LOG.log(System.Logger.Level.DEBUG, "not kept: " + key, e);
        }
    }

    private static ObjectNode json(Epoch epoch) {
        ObjectNode json = Json.object().put("epoch", epoch.epoch());
        number(json, "penalty", epoch.penalty());
        number(json, "train_loss", epoch.trainLoss());
        number(json, "validation_loss", epoch.validationLoss());
        number(json, "validation_accuracy", epoch.validationAccuracy());
        return json;
    }

    /** JSON has no infinity, which is the penalty of the unadapted model: it is a text then. */
    private static void number(ObjectNode json, String key, double value) {
        if (Double.isInfinite(value)) {
            json.put(key, String.valueOf(value));
        } else {
            json.put(key, value);
        }
    }

    private static Epoch epoch(JsonObject json) {
        return new Epoch(
                json.whole("epoch", 0, Integer.MAX_VALUE),
                json.number("penalty"),
                json.number("train_loss"),
                json.number("validation_loss"),
                json.number("validation_accuracy"));
    }

    private Path adapter(String key) {
        return folder.resolve(key + ".adapter");
    }

    private Path course(String key) {
        return folder.resolve(key + ".json");
    }

    private void removeOld() {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Instant before = Instant.now().minus(OLD);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName());
                if (name.matches("[0-9a-f]{64}\\.(adapter|json)")
                        && Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                    AtomicFiles.delete(file);
                }
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "not listed: " + folder, e);
        }
    }
}
