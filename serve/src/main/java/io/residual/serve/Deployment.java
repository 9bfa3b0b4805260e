package io.residual.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.adapt.AdapterFile;
import io.residual.description.Dictionary;
import io.residual.description.NearestTexts;
import io.residual.model.ImageTextModel;
import io.residual.predict.Contrast;
import io.residual.predict.Explainer;
import io.residual.predict.Predictor;
import io.residual.predict.TextLogit;
import io.residual.units.Tracer;
import io.residual.where.TokenTrace;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One version of an adapter beside the model, as it answers. The model stays its owner's. */
final class Deployment implements AutoCloseable {

    private final AdapterFile file;
    private final Predictor predictor;
    private final Tracer tracer;

    private Deployment(AdapterFile file, Predictor predictor, Tracer tracer) {
        this.tracer = tracer;
        this.file = file;
        this.predictor = predictor;
    }

    /** The parts that all versions of the adapter share. */
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
            AdapterFile file = AdapterFile.read(adapter, tracer.frame(), model);
            Predictor predictor = Predictor.beside(model, file, tracer.frame(), adapter.toString());
            boolean own = !predictor.model().equals(model); // the adapter changes the pass
            return new Deployment(file, predictor, own ? new Tracer(predictor.model()) : tracer);
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

    AdapterFile file() {
        return file;
    }

    Predictor predictor() {
        return predictor;
    }

    /**
     * Explains the decision on a preprocessed image.
     *
     * @param text whose map is given, too; null for none
     */
    ObjectNode explain(Base base, float[] pixels, String name, int top, @Nullable TextLogit text) {
        TokenTrace.Traced traced = TokenTrace.of(tracer, pixels, List.of(name));
        Explainer explainer = new Explainer(tracer.frame(), file.adapter(), file.classifier());
        Contrast contrast = Contrast.of(explainer.explain(traced.block(), 0), file.adapter(), base.nearest())
                .top(top);
        ObjectNode json = contrast.json(file.info().calibration());
        json.set(
                "where",
                explainer
                        .map(traced.block(), traced.tokens(), 0, contrast.chosenIndex(), contrast.otherIndex())
                        .json(false));
        if (text != null) {
            json.set(
                    "where_text",
                    explainer.map(traced.block(), traced.tokens(), 0, text).json(false));
        }
        return json;
    }

    @Override
    public void close() {
        predictor.close();
    }
}
