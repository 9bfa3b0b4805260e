package io.residual.data;

import io.residual.images.Image;
import io.residual.images.ImageSource;
import io.residual.images.StoredImages;
import io.residual.images.UnreadableImageException;
import io.residual.provenance.ContentHash;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Some images of a source, belonging to one split; the split is part of the type.
 *
 * @param <S> the split
 */
public final class LabelledImages<S extends Split> {
    private final ImageSource source;
    private final int[] rows;

    private LabelledImages(ImageSource source, int[] rows) {
        this.source = source;
        this.rows = rows;
    }

    /** All images of a source, as a split. The caller vouches that sources of different splits share none. */
    public static <S extends Split> LabelledImages<S> of(ImageSource source) {
        return of(source, IntStream.range(0, source.size()).toArray());
    }

    /** Some images of a source, as a split. */
    public static <S extends Split> LabelledImages<S> of(ImageSource source, int... rows) {
        return new LabelledImages<>(source, rows.clone());
    }

    /** The number of images. */
    public int size() {
        return rows.length;
    }

    /** The class index of image {@code i}. */
    public int label(int i) {
        return source.label(rows[i]);
    }

    /** The name of image {@code i}, for tables and messages. */
    public String name(int i) {
        return source.name(rows[i]);
    }

    /**
     * Decodes image {@code i}.
     *
     * @throws UnreadableImageException if it cannot be decoded; callers report it and go on
     */
    public Image read(int i) throws UnreadableImageException {
        return source.read(rows[i]);
    }

    /**
     * Image {@code i} as it is stored, or null if the source does not keep images encoded.
     *
     * @throws IOException if it cannot be read
     */
    public byte @Nullable [] bytes(int i) throws IOException {
        StoredImages stored = stored();
        return stored == null ? null : stored.bytes(rows[i]);
    }

    /**
     * SHA-256 of image {@code i}: of its bytes where it is stored encoded, otherwise of its pixels; what cannot be read has the hash
     * of the reason.
     */
    public String content(int i) {
        ContentHash hash = new ContentHash();
        try {
            byte[] bytes = bytes(i);
            if (bytes != null) {
                return hash.add("bytes").add(bytes).hex();
            }
            Image image = read(i);
            return hash.add("pixels")
                    .add(image.width())
                    .add(image.height())
                    .add(image.rgb())
                    .hex();
        } catch (IOException | UnreadableImageException e) {
            return hash.add("unreadable").add(String.valueOf(e.getMessage())).hex();
        }
    }

    /** The class indices of all images, in order. */
    public int[] labels() {
        return IntStream.range(0, size()).map(this::label).toArray();
    }

    /**
     * At most {@code count} of the images, with every class's share kept as nearly as whole images allow, in the
     * order of the source.
     */
    public LabelledImages<S> atMost(int count, long seed) {
        if (count >= size()) {
            return this;
        }
        int[] chosen = Stratified.sample(labels(), count, new SplittableRandom(seed));
        Arrays.sort(chosen);
        return new LabelledImages<>(
                source, Arrays.stream(chosen).map(i -> rows[i]).toArray());
    }

    /** The images that have one of the given names. */
    public LabelledImages<S> named(Set<String> names) {
        return new LabelledImages<>(
                source,
                Arrays.stream(rows)
                        .filter(row -> names.contains(source.name(row)))
                        .toArray());
    }

    /** A copy with other labels: {@code places[l]} instead of {@code l}. */
    LabelledImages<S> relabelled(int... places) {
        ImageSource of = source;
        return new LabelledImages<>(
                new ImageSource() {
                    @Override
                    public int size() {
                        return of.size();
                    }

                    @Override
                    public int label(int i) {
                        return places[of.label(i)];
                    }

                    @Override
                    public String name(int i) {
                        return of.name(i);
                    }

                    @Override
                    public Image read(int i) throws UnreadableImageException {
                        return of.read(i);
                    }
                },
                rows);
    }

    /** The encoded images of the source, if it keeps them encoded. */
    @Nullable
    StoredImages stored() {
        return source instanceof StoredImages stored && stored.isEncoded() ? stored : null;
    }

    /** The place of image {@code i} in what the images are kept in. */
    int row(int i) {
        return rows[i];
    }
}
