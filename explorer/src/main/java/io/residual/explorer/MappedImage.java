package io.residual.explorer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.images.Image;
import io.residual.images.Preprocessing;
import io.residual.predict.Explainer;
import io.residual.predict.Explanation;
import io.residual.units.Tracer;
import io.residual.where.TokenTrace;
import java.util.List;

/** An image as the model sees it, with the maps of its decision over the same pixels. */
final class MappedImage {
    private MappedImage() {}

    /** Adds {@code seen}, a data URI, and {@code map} if it still fits the page. */
    static void write(
            ObjectNode node,
            Image image,
            String name,
            Tracer tracer,
            Explainer explainer,
            Explanation explanation,
            ImageMaps maps) {
        Preprocessing preprocessing = tracer.model().preprocessing();
        node.put("seen", Gallery.large(preprocessing.fit(image)));
        int patch = tracer.model().image().config().patchSize();
        int patches = preprocessing.inputHeight() / patch * (preprocessing.inputWidth() / patch);
        if (!maps.fits(patches, tracer.frame().shape().units())) {
            return;
        }
        float[] pixels = new float[preprocessing.inputLength()];
        preprocessing.apply(image, pixels, 0);
        TokenTrace.Traced traced = TokenTrace.of(tracer, pixels, List.of(name));
        ImageMaps.write(
                node.putObject("map"),
                explainer.map(traced.block(), traced.tokens(), 0, explanation.chosen(), ImageViews.rival(explanation)));
    }
}
