package io.residual.images;

/** One picture cannot be decoded. The work goes on with the others; the picture is counted and named. */
public final class UnreadablePictureException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final long MEGABYTE = 1 << 20;

    /** Says which picture and what is wrong with it. */
    public UnreadablePictureException(String picture, String problem) {
        super(picture + ": " + problem);
    }

    /** As above, keeping the exception that revealed it. */
    public UnreadablePictureException(String picture, String problem, Throwable cause) {
        super(picture + ": " + problem, cause);
    }

    /** It has more pixels than are allowed. */
    static UnreadablePictureException tooLarge(String picture, long width, long height, long most) {
        return new UnreadablePictureException(picture, "has " + width + " x " + height + " pixels, more than " + most);
    }

    /**
     * It is not damaged, but the heap is too small for it.
     *
     * @param bytes what reading it takes, roughly
     */
    static UnreadablePictureException noMemory(String picture, long bytes, Throwable cause) {
        long needed = Math.max(1, bytes / MEGABYTE);
        long most = Runtime.getRuntime().maxMemory() / MEGABYTE;
        return new UnreadablePictureException(
                picture,
                "needs more memory than there is: about " + needed + " MB beside what else is in use of " + most
                        + " MB. Give Java more, for instance with RESIDUAL_JAVA_OPTIONS=-Xmx" + (most + 2 * needed)
                        + "m",
                cause);
    }

    /** Whether something failed for want of memory, however deep below. */
    static boolean isForWantOfMemory(Throwable thrown) {
        int depth = 0;
        for (Throwable t = thrown; t != null && depth < 32; t = t.getCause(), depth++) {
            // libjpeg reports its own want by a message.
            if (t instanceof OutOfMemoryError || String.valueOf(t.getMessage()).startsWith("Insufficient memory")) {
                return true;
            }
        }
        return false;
    }
}
