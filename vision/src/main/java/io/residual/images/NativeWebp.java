package io.residual.images;

import io.residual.base.TemporaryFolder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Prepares libwebp: the folder into which its binding unpacks it. */
final class NativeWebp {
    /** The binding's own name for its folder. */
    private static final String FOLDER = "com.luciad.imageio.webp.tmpdir";

    private NativeWebp() {}

    private static volatile boolean loaded;

    /** Throws {@link RefusedImage} if it cannot be unpacked. */
    static void require() {
        String problem = loaded ? null : TemporaryFolder.problem(folder());
        if (problem != null) {
            throw new RefusedImage(sentence(problem));
        }
    }

    /** Remembers that it has decoded an image: from then on the folder no longer matters. */
    static void works() {
        loaded = true;
    }

    /** The message if it could not be loaded. */
    static String problem(@Nullable Throwable thrown) {
        String problem = TemporaryFolder.problem(folder());
        return "is refused: "
                + sentence(problem == null ? "from which it could not be loaded (" + thrown + ")" : problem);
    }

    private static String sentence(String problem) {
        return "WebP is decoded by a native library that is unpacked into the folder for temporary files, " + folder()
                + ", " + problem + ". " + TemporaryFolder.REMEDY;
    }

    private static Path folder() {
        String own = System.getProperty(FOLDER);
        return own == null ? TemporaryFolder.path() : Path.of(own);
    }
}
