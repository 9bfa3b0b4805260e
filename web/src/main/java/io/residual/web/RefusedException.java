package io.residual.web;

/** A request that is answered with a status and a reason rather than with what it asked for. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    /**
     * A refusal.
     *
     * @param status HTTP status, 400 to 599
     * @param reason for the client
     */
    public RefusedException(int status, String reason) {
        super(reason);
        this.status = status;
    }

    /** Too much is asked at the moment; the answer says when to come again. */
    public static RefusedException busy(String reason) {
        return new RefusedException(503, reason);
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }
}
