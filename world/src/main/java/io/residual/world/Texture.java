package io.residual.world;

import java.util.List;
import java.util.Locale;

/** The textures of objects: two colours alternate by position within the object. */
public enum Texture {
    SOLID {
        @Override
        boolean second(double u, double v, long noise) {
            return false;
        }
    },
    STRIPED {
        @Override
        boolean second(double u, double v, long noise) {
            return odd(u);
        }
    },
    DOTTED {
        @Override
        boolean second(double u, double v, long noise) {
            double a = u - Math.floor(u) - .5;
            double b = v - Math.floor(v) - .5;
            return a * a + b * b < .32 * .32;
        }
    },
    CHECKERED {
        @Override
        boolean second(double u, double v, long noise) {
            return odd(u) != odd(v);
        }
    },
    HATCHED {
        @Override
        boolean second(double u, double v, long noise) {
            return odd((u + v) * .75);
        }
    },
    NOISY {
        @Override
        boolean second(double u, double v, long noise) {
            return (noise & 1) == 1;
        }
    };

    /** All of them. */
    public static final List<Texture> ALL = List.of(values());

    /**
     * Whether the second colour shows at a point.
     *
     * @param u across, in periods of the texture
     * @param v down, in periods of the texture
     * @param noise random bits of this pixel
     */
    abstract boolean second(double u, double v, long noise);

    private static boolean odd(double u) {
        return ((long) Math.floor(u * 2) & 1) == 1;
    }

    /** The word for it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
