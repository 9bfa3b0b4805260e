package io.residual.cli;

import io.residual.images.Orientation;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options for reading images. */
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
                    "upright (turn images according to their orientation tag) or stored (as in the example code of"
                            + " transformers and open_clip). Adapters record it. Default: the value of RESIDUAL_ORIENTATION,"
                            + " or else upright.")
    void orientation(Orientation orientation) {
        Orientation.use(orientation);
    }
}
