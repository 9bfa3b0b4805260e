package io.residual.world;

/**
 * One object in a scene. Immutable.
 *
 * @param second the texture's other colour
 * @param period of the texture, in the thing's own units (it spans about 2)
 * @param x centre across, as a share of the image; may lie outside
 * @param y centre down
 * @param radius as a share of the image's side
 * @param turn in radians
 * @param outline whether only its outline is drawn
 */
record Thing(
        Kind kind,
        Colour colour,
        Texture texture,
        Colour second,
        double period,
        double x,
        double y,
        double radius,
        double turn,
        boolean outline) {
    /** A plain filled thing. */
    static Thing plain(Kind kind, Colour colour, double x, double y, double radius, double turn) {
        return new Thing(kind, colour, Texture.SOLID, colour, 1, x, y, radius, turn, false);
    }

    /** The same, larger or smaller. */
    Thing scaled(double factor) {
        return new Thing(kind, colour, texture, second, period, x, y, radius * factor, turn, outline);
    }
}
