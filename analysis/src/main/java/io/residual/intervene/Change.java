package io.residual.intervene;

/** What becomes of what a head read (h numbers a token) or an MLP wrote (d numbers a token). */
public sealed interface Change {
    /** Nothing of it is left. */
    Change ZERO = new Scale(0);

    /**
     * Multiplied.
     *
     * @param factor 0 removes, 1 leaves as it is
     */
    record Scale(double factor) implements Change {
        public Scale {
            if (!Double.isFinite(factor)) {
                throw new IllegalArgumentException("a factor of " + factor);
            }
        }
    }

    /**
     * Replaced by another pass's at the same token: the mean over a reference set, or another image's (patching).
     *
     * @param by of one image, which takes the place of every image's, or of as many as the pass has
     */
    record Replace(Activations by) implements Change {}

    /**
     * Moved along a direction of the shared space. Of all the moves that the unit could make, it is the steepest along the
     * direction, and {@code strength} times as long as what the unit has at the token.
     *
     * @param direction [D], of any length but 0
     * @param strength negative to move against it
     */
    record Steer(double[] direction, double strength) implements Change {}
}
