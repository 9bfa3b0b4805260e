package io.residual.spark;

import io.residual.alignment.AdapterFile;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.catalogue.Models;
import io.residual.model.ImageTextModel;
import io.residual.prediction.Predictor;
import io.residual.tensor.NativeRuntime;
import io.residual.units.Tracer;
import io.residual.units.UnitFrame;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * A model, opened once in an executor's process however many tasks run there: tasks share nothing else, so this is the one place of
 * the toolkit that keeps something for the whole process.
 */
final class OnExecutor {
    private static final Map<Place, OnExecutor> OPEN = new HashMap<>();

    private final ImageTextModel model;
    private final Tracer tracer;
    private final Predictor plain; // owns the model
    private final @Nullable Predictor predictor;

    private OnExecutor(Place place, Configuration configuration) {
        NativeRuntime.setThreads(place.threads());
        String name = place.model().contains("://")
                ? Place.local(place.model(), configuration).toString()
                : place.model();
        this.model = Models.open(name, place.arithmetic(), Progress.silent());
        if (!model.hash().equals(place.hash())) {
            String found = model.hash();
            model.close();
            throw InputException.at(
                    place.model(),
                    "a model with hash " + found + " on an executor",
                    "the driver's, " + place.hash(),
                    "Put the same files on every machine");
        }
        this.tracer = new Tracer(model);
        this.plain = Predictor.plain(model);
        String adapter = place.adapter();
        if (adapter == null) {
            this.predictor = null;
        } else {
            UnitFrame frame = tracer.frame();
            AdapterFile file = AdapterFile.read(Place.local(adapter, configuration), frame, model.hash());
            this.predictor = Predictor.beside(model, file, frame);
        }
    }

    /** What this process has of a place; the first task that asks opens it. */
    static OnExecutor of(Place place, Configuration configuration) {
        synchronized (OPEN) {
            OnExecutor open = OPEN.get(place);
            if (open == null) {
                open = new OnExecutor(place, configuration);
                OPEN.put(place, open);
            }
            return open;
        }
    }

    /** Closes what this process has open; for a driver that ran tasks itself, once no task runs. */
    static void closeAll() {
        synchronized (OPEN) {
            for (OnExecutor one : OPEN.values()) {
                if (one.predictor != null) {
                    one.predictor.close();
                }
                one.plain.close();
            }
            OPEN.clear();
        }
    }

    Tracer tracer() {
        return tracer;
    }

    ImageTextModel model() {
        return model;
    }

    /** The model as it is, for embeddings. */
    Predictor plain() {
        return plain;
    }

    /** With the adapter. */
    Predictor predictor() {
        if (predictor == null) {
            throw new IllegalStateException("no adapter was named");
        }
        return predictor;
    }
}
