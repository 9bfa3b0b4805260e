package io.residual.explorer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.images.Image;
import io.residual.images.Preprocessing;
import io.residual.predict.Explainer;
import io.residual.predict.Explanation;
import io.residual.predict.LogitMap;
import io.residual.predict.TextLogit;
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
        TokenTrace.Traced traced = traced(image, name, tracer);
        ImageMaps.write(
                node.putObject("map"),
                explainer.map(traced.block(), traced.tokens(), 0, explanation.chosen(), ImageViews.rival(explanation)));
    }

    /** Adds the map of a text, however large: {@code what}, {@code total}, {@code total_before} and {@code map}. */
    static void write(ObjectNode node, Image image, String name, Tracer tracer, Explainer explainer, TextLogit text) {
        TokenTrace.Traced traced = traced(image, name, tracer);
        LogitMap map = explainer.map(traced.block(), traced.tokens(), 0, text);
        node.put("what", text.what())
                .put("total", UnitViews.rounded(map.after().total() + map.constantAfter()))
                .put("total_before", UnitViews.rounded(map.before().total() + map.constantBefore()));
        ImageMaps.write(node.putObject("map"), map);
    }

    private static TokenTrace.Traced traced(Image image, String name, Tracer tracer) {
        Preprocessing preprocessing = tracer.model().preprocessing();
        float[] pixels = new float[preprocessing.inputLength()];
        preprocessing.apply(image, pixels, 0);
        return TokenTrace.of(tracer, pixels, List.of(name));
    }
}
