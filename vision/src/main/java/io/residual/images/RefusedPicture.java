package io.residual.images;

/** A picture that is not damaged, but of a kind that this program does not read, or that would cost too much. */
final class RefusedPicture extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    RefusedPicture(String reason) {
        super(reason);
    }
}
