package io.residual.images;

/** One picture cannot be decoded. The work goes on with the others; the picture is counted and named. */
public final class UnreadablePictureException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Says which picture and what is wrong with it. */
    public UnreadablePictureException(String picture, String problem) {
        super(picture + ": " + problem);
    }

    /** As above, keeping the exception that revealed it. */
    public UnreadablePictureException(String picture, String problem, Throwable cause) {
        super(picture + ": " + problem, cause);
    }
}
