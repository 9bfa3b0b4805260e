package io.residual.world;

import io.residual.images.Image;

/** Draws scenes: signed distances with one pixel of anti-aliasing, then blur, light and noise. */
final class Painter {
    /** Side of every image of the world, in pixels. */
    static final int SIDE = 48;

    private static final double BACKGROUND_PERIOD = .22;
    private static final double OUTLINE = .09;

    private Painter() {}

    /** The image; the dice give colour jitter, texture noise and pixel noise. */
    static Image draw(Scene scene, Dice dice) {
        double[] image = background(scene, dice);
        for (Thing thing : scene.things()) {
            paint(thing, image, dice);
        }
        return finish(scene.blurred() ? blur(image) : image, scene.light(), scene.noise(), dice);
    }

    /** Which pixels a thing covers by more than half, whatever lies over it. */
    static boolean[] mask(Thing thing) {
        double[] image = new double[SIDE * SIDE * 3];
        Thing white = new Thing(
                thing.kind(),
                Colour.WHITE,
                Texture.SOLID,
                Colour.WHITE,
                1,
                thing.x(),
                thing.y(),
                thing.radius(),
                thing.turn(),
                thing.outline());
        paint(white, image, new Dice(0));
        boolean[] mask = new boolean[SIDE * SIDE];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = image[i * 3] > .5;
        }
        return mask;
    }

    private static double[] background(Scene scene, Dice dice) {
        double[] base = jitter(scene.background(), dice);
        double[] image = new double[SIDE * SIDE * 3];
        Texture texture = scene.backgroundTexture();
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                long noise = texture == Texture.NOISY ? dice.bits() : 0;
                boolean dim =
                        texture.second((x + .5) / SIDE / BACKGROUND_PERIOD, (y + .5) / SIDE / BACKGROUND_PERIOD, noise);
                for (int c = 0; c < 3; c++) {
                    image[(y * SIDE + x) * 3 + c] = base[c] * (dim ? .75 : 1);
                }
            }
        }
        return image;
    }

    private static void paint(Thing thing, double[] image, Dice dice) {
        double[] first = jitter(thing.colour(), dice);
        double[] second = jitter(thing.second(), dice);
        double cos = StrictMath.cos(thing.turn());
        double sin = StrictMath.sin(thing.turn());
        double pixels = thing.radius() * SIDE;
        // A thing stays within about 1.5 of its own units, turned corners included.
        int left = clampPixel((thing.x() - 1.5 * thing.radius()) * SIDE);
        int right = clampPixel((thing.x() + 1.5 * thing.radius()) * SIDE + 1);
        int top = clampPixel((thing.y() - 1.5 * thing.radius()) * SIDE);
        int bottom = clampPixel((thing.y() + 1.5 * thing.radius()) * SIDE + 1);
        for (int py = top; py < bottom; py++) {
            for (int px = left; px < right; px++) {
                double dx = ((px + .5) / SIDE - thing.x()) / thing.radius();
                double dy = ((py + .5) / SIDE - thing.y()) / thing.radius();
                double u = cos * dx + sin * dy;
                double v = -sin * dx + cos * dy;
                double distance = thing.kind().distance(u, v);
                if (thing.outline()) {
                    distance = Math.abs(distance) - OUTLINE;
                }
                double cover = Math.min(Math.max(.5 - distance * pixels, 0), 1);
                if (cover == 0) {
                    continue;
                }
                long noise = thing.texture() == Texture.NOISY ? dice.bits() : 0;
                boolean other = thing.texture().second(u / thing.period(), v / thing.period(), noise);
                double[] colour = other ? second : first;
                int at = (py * SIDE + px) * 3;
                for (int c = 0; c < 3; c++) {
                    image[at + c] += cover * (colour[c] - image[at + c]);
                }
            }
        }
    }

    private static int clampPixel(double position) {
        return (int) Math.min(Math.max(Math.floor(position), 0), SIDE);
    }

    private static double[] jitter(Colour colour, Dice dice) {
        return new double[] {
            clamp(colour.red + dice.uniform(-.06, .06)),
            clamp(colour.green + dice.uniform(-.06, .06)),
            clamp(colour.blue + dice.uniform(-.06, .06))
        };
    }

    private static double clamp(double value) {
        return Math.min(Math.max(value, 0), 1);
    }

    /** Mean over 3 × 3 pixels, fewer at the border. */
    private static double[] blur(double[] image) {
        double[] out = new double[image.length];
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                int top = Math.max(y - 1, 0);
                int bottom = Math.min(y + 1, SIDE - 1);
                int left = Math.max(x - 1, 0);
                int right = Math.min(x + 1, SIDE - 1);
                int count = (bottom - top + 1) * (right - left + 1);
                for (int c = 0; c < 3; c++) {
                    double sum = 0;
                    for (int ny = top; ny <= bottom; ny++) {
                        for (int nx = left; nx <= right; nx++) {
                            sum += image[(ny * SIDE + nx) * 3 + c];
                        }
                    }
                    out[(y * SIDE + x) * 3 + c] = sum / count;
                }
            }
        }
        return out;
    }

    private static Image finish(double[] image, double light, double noise, Dice dice) {
        byte[] rgb = new byte[image.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.floor(clamp(light * image[i] + noise * dice.normal()) * 255 + .5);
        }
        return new Image(SIDE, SIDE, rgb);
    }
}
