package io.residual.explorer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residual.images.Image;
import io.residual.images.Preprocessing;
import io.residual.model.ImageConfig;
import io.residual.predict.Explainer;
import io.residual.predict.Explanation;
import io.residual.predict.LogitMap;
import io.residual.predict.TextLogit;
import io.residual.units.Tracer;
import io.residual.where.TokenTrace;
import java.util.ArrayList;
import java.util.List;

/** An image as the model sees it, with the maps of its decision over the same pixels. */
final class MappedImage {
    private MappedImage() {}

    /** Tokens of a pass: so many that products are near their full speed. */
    private static final int TOKENS = 1200;

    /** Bytes that a pass keeps of its images' values, at most, unless one image has more. */
    private static final long BYTES = 128 << 20;

    /**
     * An image whose map is to be added.
     *
     * @param node takes the map
     */
    record Waiting(ObjectNode node, Image image, Explanation explanation) {}

    /** How many images are best mapped together. */
    static int together(Tracer tracer) {
        ImageConfig config = tracer.model().image().config();
        int tokens = 1 + patches(tracer);
        long bytes = (long) config.layers() * tokens * config.width() * Float.BYTES;
        return (int) Math.max(1, Math.min(TOKENS / tokens, BYTES / bytes));
    }

    private static int patches(Tracer tracer) {
        Preprocessing preprocessing = tracer.model().preprocessing();
        int patch = tracer.model().image().config().patchSize();
        return preprocessing.inputHeight() / patch * (preprocessing.inputWidth() / patch);
    }

    /** Adds {@code seen}, a data URI; gives whether the map still fits the page. */
    static boolean seen(ObjectNode node, Image image, Tracer tracer, ImageMaps maps) {
        node.put("seen", Gallery.large(tracer.model().preprocessing().fit(image)));
        return maps.fits(patches(tracer), tracer.frame().shape().units());
    }

    /** Adds {@code seen}, a data URI, and {@code map} if it still fits the page. */
    static void write(
            ObjectNode node, Image image, Tracer tracer, Explainer explainer, Explanation explanation, ImageMaps maps) {
        if (seen(node, image, tracer, maps)) {
            write(List.of(new Waiting(node, image, explanation)), tracer, explainer);
        }
    }

    /** Adds {@code map} to every node, from one pass. */
    static void write(List<Waiting> images, Tracer tracer, Explainer explainer) {
        TokenTrace.Traced traced = traced(
                images.stream().map(Waiting::image).toList(),
                images.stream().map(one -> one.explanation.image()).toList(),
                tracer);
        List<Explainer.Contrasted> questions = new ArrayList<>();
        for (Waiting one : images) {
            questions.add(new Explainer.Contrasted(
                    questions.size(), one.explanation.chosen(), ImageViews.rival(one.explanation)));
        }
        List<LogitMap> maps = explainer.maps(traced.block(), traced.tokens(), questions);
        for (int i = 0; i < maps.size(); i++) {
            ImageMaps.write(images.get(i).node.putObject("map"), maps.get(i));
        }
    }

    /** Adds the map of a text, however large: {@code what}, {@code total}, {@code total_before} and {@code map}. */
    static void write(ObjectNode node, Image image, String name, Tracer tracer, Explainer explainer, TextLogit text) {
        TokenTrace.Traced traced = traced(List.of(image), List.of(name), tracer);
        LogitMap map = explainer.map(traced.block(), traced.tokens(), 0, text);
        node.put("what", text.what())
                .put("total", UnitViews.rounded(map.after().total() + map.constantAfter()))
                .put("total_before", UnitViews.rounded(map.before().total() + map.constantBefore()));
        ImageMaps.write(node.putObject("map"), map);
    }

    private static TokenTrace.Traced traced(List<Image> images, List<String> names, Tracer tracer) {
        Preprocessing preprocessing = tracer.model().preprocessing();
        int length = preprocessing.inputLength();
        float[] pixels = new float[images.size() * length];
        for (int i = 0; i < images.size(); i++) {
            preprocessing.apply(images.get(i), pixels, i * length);
        }
        return TokenTrace.of(tracer, pixels, names);
    }
}
