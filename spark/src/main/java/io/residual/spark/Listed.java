package io.residual.spark;

import io.residual.images.Picture;
import io.residual.images.PictureSource;
import io.residual.images.UnreadablePictureException;
import io.residual.spark.Cluster.Indexed;
import java.util.List;

/** Pictures that the driver knows by name and label, so that splits can be made of them; only tasks read them. */
record Listed(List<Indexed> pictures) implements PictureSource {
    @Override
    public int size() {
        return pictures.size();
    }

    @Override
    public int label(int i) {
        return pictures.get(i).label();
    }

    @Override
    public String name(int i) {
        return pictures.get(i).name();
    }

    @Override
    public Picture read(int i) throws UnreadablePictureException {
        throw new UnreadablePictureException(name(i), "is read by tasks, not by the driver");
    }
}
