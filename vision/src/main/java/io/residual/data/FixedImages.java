package io.residual.data;

import io.residual.images.Image;
import io.residual.images.StoredImages;
import io.residual.images.UnreadableImageException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Images of several splits in one list, with corrected labels.
 *
 * @param isEncoded whether all of them are kept encoded
 */
record FixedImages(List<Item> items, boolean isEncoded) implements StoredImages {
    FixedImages {
        items = List.copyOf(items);
    }

    static FixedImages of(List<Item> items) {
        return new FixedImages(items, items.stream().allMatch(item -> item.images.stored() != null));
    }

    /** An image where it is kept. */
    record Item(LabelledImages<?> images, int row, int label) {}

    private LabelledImages<?> images(int i) {
        return items.get(i).images;
    }

    private int row(int i) {
        return items.get(i).row;
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public int label(int i) {
        return items.get(i).label;
    }

    @Override
    public String name(int i) {
        return images(i).name(row(i));
    }

    @Override
    public Image read(int i) throws UnreadableImageException {
        return images(i).read(row(i));
    }

    @Override
    public @Nullable String fingerprint(int i) {
        StoredImages stored = images(i).stored();
        return stored == null ? null : stored.fingerprint(images(i).row(row(i)));
    }

    @Override
    public byte[] bytes(int i) throws IOException {
        byte[] bytes = images(i).bytes(row(i));
        if (bytes == null) {
            throw new IOException(name(i) + " is not kept as a file");
        }
        return bytes;
    }

    @Override
    public byte @Nullable [] head(int i) {
        StoredImages stored = images(i).stored();
        return stored == null ? null : stored.head(images(i).row(row(i)));
    }
}
