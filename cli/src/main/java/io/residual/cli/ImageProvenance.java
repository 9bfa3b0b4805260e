package io.residual.cli;

import io.residual.provenance.ContentHash;
import io.residual.provenance.Provenance;
import io.residual.tensor.NativeScope;
import io.residual.units.TraceBlock;
import io.residual.units.Tracer;
import java.util.List;

/** The provenance of what was computed of single images, with the measured error of their units' sum. */
final class ImageProvenance {
    private ImageProvenance() {}

    /** Of one image that has been traced. */
    static Provenance of(Tracer tracer, String origin, float[] pixels, TraceBlock block) {
        return of(tracer, origin, List.of(pixels), block);
    }

    /** Of some images, which are traced for it. */
    static Provenance of(Tracer tracer, String origin, List<float[]> images) {
        return of(
                tracer,
                origin,
                images,
                TraceBlock.joined(images.stream()
                        .map(pixels -> tracer.encode(pixels, new int[1], List.of(origin)))
                        .toList()));
    }

    private static Provenance of(Tracer tracer, String origin, List<float[]> images, TraceBlock block) {
        ContentHash data = new ContentHash();
        for (float[] pixels : images) {
            for (float value : pixels) {
                data.add(Float.floatToIntBits(value));
            }
        }
        try (NativeScope scope = NativeScope.inference()) {
            double error = block.decompositionError(tracer.frame());
            return Tracer.Summary.of(tracer.model(), data, error, origin, images.size(), List.of())
                    .provenance();
        }
    }
}
