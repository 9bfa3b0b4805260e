package io.residual.images;

/** A list of labelled pictures that can be read in any order, from any thread. */
public interface PictureSource {
    /** How many pictures. */
    int size();

    /** The class index of picture {@code i}. */
    int label(int i);

    /** A name for picture {@code i} that means something to the user: a path, or a row number. */
    String name(int i);

    /**
     * Picture {@code i}, decoded.
     *
     * @throws UnreadablePictureException if it cannot be
     */
    Picture read(int i) throws UnreadablePictureException;
}
