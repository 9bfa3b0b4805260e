package io.residual.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.alignment.AdapterFile;
import io.residual.base.InputException;
import io.residual.description.Dictionary;
import io.residual.description.NearestTexts;
import io.residual.images.Picture;
import io.residual.images.Preprocessing;
import io.residual.model.ImageTextModel;
import io.residual.prediction.Explainer;
import io.residual.prediction.ExplanationReport;
import io.residual.prediction.Predictor;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One version of an adapter beside the model, as it answers. The model stays its owner's. */
final class Deployment implements AutoCloseable {
    private static final int SIDE = 64;

    private final AdapterFile file;
    private final Predictor predictor;

    private Deployment(AdapterFile file, Predictor predictor) {
        this.file = file;
        this.predictor = predictor;
    }

    /** What all versions share. */
    static final class Base {
        private final Tracer tracer;
        private final boolean words;
        private @Nullable NearestTexts nearest;

        Base(ImageTextModel model, boolean words) {
            this.tracer = new Tracer(model);
            this.words = words && model.hasText();
        }

        Deployment open(Path adapter) {
            ImageTextModel model = tracer.model();
            AdapterFile file = AdapterFile.read(adapter, tracer.frame(), model.hash());
            Deployment opened = new Deployment(file, Predictor.beside(model, file, tracer.frame()));
            try {
                opened.check(adapter);
                return opened;
            } catch (RuntimeException | Error e) {
                opened.close();
                throw e;
            }
        }

        ImageTextModel model() {
            return tracer.model();
        }

        /** Encodes the texts that {@link #explain} names components with, if that has not happened; whether there are any. */
        boolean prepare() {
            return nearest() != null;
        }

        private synchronized @Nullable NearestTexts nearest() {
            if (words && nearest == null) {
                nearest = new NearestTexts(Dictionary.of(Dictionary.shippedTexts(), tracer.model()));
            }
            return nearest;
        }
    }

    /** A picture with edges, colours and shades, which every adapter must have an answer to. */
    private static Picture example() {
        byte[] rgb = new byte[SIDE * SIDE * 3];
        for (int i = 0; i < rgb.length; i++) {
            int x = i / 3 % SIDE;
            int y = i / 3 / SIDE;
            rgb[i] = (byte)
                    (i % 3 == 0 ? 255 * x / (SIDE - 1) : i % 3 == 1 ? 255 * y / (SIDE - 1) : (x / 8 + y / 8) % 2 * 255);
        }
        return new Picture(SIDE, SIDE, rgb);
    }

    /** Tries it once: weights that are finite one by one may still overflow together. */
    private void check(Path adapter) {
        Preprocessing preprocessing = predictor.preprocessing();
        float[] pixels = new float[preprocessing.inputLength()];
        preprocessing.apply(example(), pixels, 0);
        String wrong = Double.isNaN(file.info().calibration().threshold())
                ? "a rejection threshold of NaN"
                : Sanity.of(predictor.predict(pixels, 1).get(0));
        if (wrong == null) {
            wrong = Sanity.of(predictor.embed(pixels, 1));
        }
        if (wrong != null) {
            throw InputException.at(
                    adapter,
                    wrong + " (tried with a picture)",
                    "a threshold, probabilities that add up to 1 and an embedding of length 1",
                    "Its weights overflow or it is damaged; align again");
        }
    }

    AdapterFile file() {
        return file;
    }

    Predictor predictor() {
        return predictor;
    }

    /** Why a preprocessed picture was taken for what it was. */
    ObjectNode explain(Base base, float[] pixels, String name, int top) {
        TraceBlock block = base.tracer.encode(pixels, new int[1], List.of(name));
        var explanation = new Explainer(base.tracer.frame(), file.adapter(), file.classifier()).explain(block, 0);
        return ExplanationReport.of(explanation, file.adapter(), base.nearest())
                .top(top)
                .json(file.info().calibration());
    }

    @Override
    public void close() {
        predictor.close();
    }
}
