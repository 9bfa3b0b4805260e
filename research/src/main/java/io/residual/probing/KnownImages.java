package io.residual.probing;

import io.residual.base.Progress;
import io.residual.images.Preprocessing;
import io.residual.model.ImageTextModel;
import io.residual.provenance.ContentHash;
import io.residual.provenance.Provenance;
import io.residual.tensor.NativeScope;
import io.residual.units.Trace;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import io.residual.world.Attributes;
import io.residual.world.CaptionedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Images of the embedded world, drawn as pre-training draws them but from a seed of their own, traced, with what is true of
 * each.
 *
 * @param levels of each factor, in the order of {@link Factor}, one an image; -1 where a factor does not apply
 */
record KnownImages(Trace<?> trace, int[][] levels) {
    private static final int BATCH = 32;

    static KnownImages draw(ImageTextModel model, Tracer tracer, int images, long seed, Progress progress) {
        Preprocessing preprocessing = model.preprocessing();
        List<TraceBlock> blocks = new ArrayList<>();
        int[][] levels = new int[Factor.values().length][images];
        ContentHash hash = new ContentHash();
        double error = 0;
        progress.start("tracing images with known attributes", images);
        for (int from = 0; from < images; from += BATCH) {
            int size = Math.min(BATCH, images - from);
            List<CaptionedImage> batch = CaptionedImage.batch(seed, from / BATCH, size, false, false);
            float[] pixels = new float[size * preprocessing.inputLength()];
            for (int i = 0; i < size; i++) {
                preprocessing.apply(batch.get(i).image(), pixels, i * preprocessing.inputLength());
                hash.add(batch.get(i).image().rgb());
                Attributes attributes = batch.get(i).attributes();
                for (Factor factor : Factor.values()) {
                    levels[factor.ordinal()][from + i] = factor.level(attributes);
                }
            }
            TraceBlock block = tracer.encode(pixels, new int[size], Collections.nCopies(size, "world"));
            try (NativeScope scope = NativeScope.inference()) {
                error = Math.max(error, block.decompositionError(tracer.frame()));
            }
            blocks.add(block);
            progress.at(from + (long) size);
        }
        progress.finish();
        Provenance provenance = Provenance.now(
                        model.hash(), hash.hex(), seed, error, Map.of("pictures", String.valueOf(images)))
                .checked(model.selfCheck());
        return new KnownImages(new Trace<>(tracer.frame(), blocks, List.of(), provenance), levels);
    }
}
