package io.residual.spark;

import io.residual.images.Image;
import io.residual.images.ImageSource;
import io.residual.images.UnreadableImageException;
import io.residual.spark.Cluster.Indexed;
import java.util.List;

/** Images that the driver knows by name and label, so that splits can be made of them; only tasks read them. */
record Listed(List<Indexed> images) implements ImageSource {
    @Override
    public int size() {
        return images.size();
    }

    @Override
    public int label(int i) {
        return images.get(i).label();
    }

    @Override
    public String name(int i) {
        return images.get(i).name();
    }

    @Override
    public Image read(int i) throws UnreadableImageException {
        throw new UnreadableImageException(name(i), "is read by tasks, not by the driver");
    }
}
