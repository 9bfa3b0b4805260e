package io.residual.images;

import io.residual.base.InputException;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether images are turned according to their orientation tag (EXIF or XMP, in JPEG, PNG and WebP). The setting holds
 * for the whole process, because training and test images must be read alike. {@code
 * docs/decisions/0007-orientation.md} says why upright is the default. TIFF is turned in either case, as Pillow does
 * when it opens one.
 */
public enum Orientation {
    /** Turned upright according to the tag, as viewers show images. */
    UPRIGHT,
    /** Pixels as stored: what {@code Image.open(file).convert("RGB")} gives. */
    STORED;

    /** The environment variable, and with dots the system property, that sets it. */
    public static final String VARIABLE = "RESIDUAL_ORIENTATION";

    /** Its name among the settings of an artefact's provenance; absent where it is the default. */
    public static final String SETTING = "orientation";

    private static final String PROPERTY = "residual.orientation";

    private static volatile @Nullable Orientation chosen;

    /** Sets it for this process, over the environment. */
    public static void use(Orientation orientation) {
        chosen = orientation;
    }

    /** Back to what the environment says. */
    public static void reset() {
        chosen = null;
    }

    /**
     * The setting in force: what {@link #use} said, or else the system property {@code residual.orientation}, or else the
     * environment variable, or else {@link #UPRIGHT}.
     *
     * @throws InputException if the property or the variable is neither {@code upright} nor {@code stored}
     */
    public static Orientation inForce() {
        Orientation said = chosen;
        if (said == null) {
            String property = System.getProperty(PROPERTY);
            said = property != null ? named(PROPERTY, property) : named(VARIABLE, System.getenv(VARIABLE));
            chosen = said;
        }
        return said;
    }

    private static Orientation named(String where, @Nullable String name) {
        if (name == null || name.isBlank()) {
            return UPRIGHT;
        }
        return switch (name.strip().toLowerCase(Locale.ROOT)) {
            case "upright" -> UPRIGHT;
            case "stored" -> STORED;
            default -> throw InputException.at(where, "'" + name + "'", "upright or stored", "Correct the variable");
        };
    }

    /** The entries for an artefact's provenance; empty for the default. */
    public static Map<String, String> settings() {
        return inForce() == UPRIGHT ? Map.of() : Map.of(SETTING, inForce().word());
    }

    /**
     * Refuses to go on with an artefact that was made with images read otherwise.
     *
     * @param where the artefact
     * @param settings of its provenance
     */
    public static void require(Object where, Map<String, String> settings) {
        String made = settings.getOrDefault(SETTING, UPRIGHT.word());
        if (!made.equals(inForce().word())) {
            throw InputException.at(
                    where + ", '" + SETTING + "'",
                    "it was fitted on images read '" + made + "'",
                    "'" + inForce().word() + "', as images are read now",
                    "Add --orientation " + made + ", or set " + VARIABLE + "=" + made);
        }
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * An image turned as EXIF's value says.
     *
     * @param tag 1 to 8; anything else changes nothing
     */
    static Image turned(Image image, int tag) {
        if (tag < 2 || tag > 8) {
            return image;
        }
        int w = image.width();
        int h = image.height();
        boolean across = tag >= 5;
        int width = across ? h : w;
        int height = across ? w : h;
        byte[] in = image.rgb();
        byte[] out = new byte[in.length];
        // Values 2, 3, 7 and 8 begin at the right, 3, 4, 6 and 7 at the bottom.
        boolean fromRight = tag == 2 || tag == 3 || tag == 7 || tag == 8;
        boolean fromBottom = tag == 3 || tag == 4 || tag == 6 || tag == 7;
        int to = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int column = across ? y : x;
                int row = across ? x : y;
                int from = ((fromBottom ? h - 1 - row : row) * w + (fromRight ? w - 1 - column : column)) * 3;
                out[to++] = in[from];
                out[to++] = in[from + 1];
                out[to++] = in[from + 2];
            }
        }
        return new Image(width, height, out);
    }
}
