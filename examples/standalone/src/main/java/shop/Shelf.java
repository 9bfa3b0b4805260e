package shop;

import io.residual.catalogue.Models;
import io.residual.images.Picture;
import io.residual.images.Prompts;
import io.residual.prediction.Predictor;
import java.util.List;

/** Says what lies on a shelf. */
public final class Shelf implements AutoCloseable {
    private final Predictor predictor =
            Predictor.zeroShot(Models.open("world-clip"), new Prompts(List.of("circle", "square"), List.of("a {}.")));

    public String label(Picture picture) {
        return predictor.predict(List.of(picture)).get(0).label();
    }

    @Override
    public void close() {
        predictor.close();
    }
}
