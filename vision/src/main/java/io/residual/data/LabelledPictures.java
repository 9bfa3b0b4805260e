package io.residual.data;

import io.residual.images.Picture;
import io.residual.images.PictureSource;
import io.residual.images.StoredPictures;
import io.residual.images.UnreadablePictureException;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Some pictures of a source, belonging to one split; the split is part of the type.
 *
 * @param <S> the split
 */
public final class LabelledPictures<S extends Split> {
    private final PictureSource source;
    private final int[] rows;

    private LabelledPictures(PictureSource source, int[] rows) {
        this.source = source;
        this.rows = rows;
    }

    /** All pictures of a source, as a split. The caller vouches that sources of different splits share none. */
    public static <S extends Split> LabelledPictures<S> of(PictureSource source) {
        return of(source, IntStream.range(0, source.size()).toArray());
    }

    /** Some pictures of a source, as a split. */
    public static <S extends Split> LabelledPictures<S> of(PictureSource source, int... rows) {
        return new LabelledPictures<>(source, rows.clone());
    }

    /** How many. */
    public int size() {
        return rows.length;
    }

    /** The class index of picture {@code i}. */
    public int label(int i) {
        return source.label(rows[i]);
    }

    /** What to call picture {@code i}. */
    public String name(int i) {
        return source.name(rows[i]);
    }

    /** Picture {@code i}, decoded. */
    public Picture read(int i) throws UnreadablePictureException {
        return source.read(rows[i]);
    }

    /** The class indices, in order. */
    public int[] labels() {
        return IntStream.range(0, size()).map(this::label).toArray();
    }

    /**
     * At most {@code count} of the pictures, with every class's share kept as nearly as whole pictures allow, in the
     * order of the source.
     */
    public LabelledPictures<S> atMost(int count, long seed) {
        if (count >= size()) {
            return this;
        }
        int[] chosen = Stratified.sample(labels(), count, new SplittableRandom(seed));
        Arrays.sort(chosen);
        return new LabelledPictures<>(
                source, Arrays.stream(chosen).map(i -> rows[i]).toArray());
    }

    /** Those of the pictures that have one of these names. */
    public LabelledPictures<S> named(Set<String> names) {
        return new LabelledPictures<>(
                source,
                Arrays.stream(rows)
                        .filter(row -> names.contains(source.name(row)))
                        .toArray());
    }

    /** The same with other labels: {@code places[l]} instead of {@code l}. */
    LabelledPictures<S> relabelled(int... places) {
        PictureSource of = source;
        return new LabelledPictures<>(
                new PictureSource() {
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
                    public Picture read(int i) throws UnreadablePictureException {
                        return of.read(i);
                    }
                },
                rows);
    }

    /** What the pictures are kept in, if they are kept encoded. */
    @Nullable
    StoredPictures stored() {
        return source instanceof StoredPictures stored ? stored : null;
    }

    /** The place of picture {@code i} in what the pictures are kept in. */
    int row(int i) {
        return rows[i];
    }
}
