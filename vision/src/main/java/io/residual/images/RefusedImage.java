package io.residual.images;

/** An image that is not damaged, but of a kind that this program does not read, or that would cost too much. */
final class RefusedImage extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    RefusedImage(String reason) {
        super(reason);
    }
}
