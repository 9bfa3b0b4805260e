package io.residual.images;

/** A list of labelled images that can be read in any order, from any thread. */
public interface ImageSource {
    /** The number of images. */
    int size();

    /** The class index of image {@code i}. */
    int label(int i);

    /** A name for image {@code i} that means something to the user: a path, or a row number. */
    String name(int i);

    /**
     * Image {@code i}, decoded.
     *
     * @throws UnreadableImageException if it cannot be
     */
    Image read(int i) throws UnreadableImageException;
}
