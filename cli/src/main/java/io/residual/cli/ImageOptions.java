package io.residual.cli;

import io.residual.images.Orientation;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How images are read. */
final class ImageOptions {
    /** The values as users write them. */
    static final class Orientations implements ITypeConverter<Orientation> {
        @Override
        public Orientation convert(String value) {
            for (Orientation orientation : Orientation.values()) {
                if (orientation.name().toLowerCase(Locale.ROOT).equals(value)) {
                    return orientation;
                }
            }
            throw new TypeConversionException("expected upright or stored but was '" + value + "'");
        }
    }

    /** Called for the option where it is given; it holds for the process. */
    @Option(
            names = "--orientation",
            paramLabel = "HOW",
            converter = Orientations.class,
            description =
                    "upright: turn images as their orientation tag says. stored: as transformers and open_clip read them."
                            + " Adapters keep it. Default: upright, or what RESIDUAL_ORIENTATION says.")
    void orientation(Orientation orientation) {
        Orientation.use(orientation);
    }
}
