package io.residual.images;

/** One image cannot be decoded. The work goes on with the others; the image is counted and named. */
public final class UnreadableImageException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final long MEGABYTE = 1 << 20;

    /** An error that names the image and the problem. */
    public UnreadableImageException(String image, String problem) {
        super(image + ": " + problem);
    }

    /** As above, with a cause. */
    public UnreadableImageException(String image, String problem, Throwable cause) {
        super(image + ": " + problem, cause);
    }

    /** It has more pixels than are allowed. */
    static UnreadableImageException tooLarge(String image, long width, long height, long most) {
        return new UnreadableImageException(image, "has " + width + " x " + height + " pixels, more than " + most);
    }

    /**
     * The error for an intact image for which the heap is too small.
     *
     * @param bytes approximate memory needed
     */
    static UnreadableImageException noMemory(String image, long bytes, Throwable cause) {
        long needed = Math.max(1, bytes / MEGABYTE);
        long most = Runtime.getRuntime().maxMemory() / MEGABYTE;
        return new UnreadableImageException(
                image,
                "needs more memory than there is: about " + needed + " MB beside what else is in use of " + most
                        + " MB. Give Java more, for instance with RESIDUAL_JAVA_OPTIONS=-Xmx" + (most + 2 * needed)
                        + "m",
                cause);
    }

    /** Whether a lack of memory is among the causes. */
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
