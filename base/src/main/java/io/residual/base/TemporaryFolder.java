package io.residual.base;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The folder for temporary files, into which libraries unpack the native part of theirs. */
public final class TemporaryFolder {
    /** The remedy: how to choose another temporary folder. */
    public static final String REMEDY =
            "Create it, or name another folder with RESIDUAL_JAVA_OPTIONS=-Djava.io.tmpdir=FOLDER";

    private TemporaryFolder() {}

    /** The temporary folder of this JVM ({@code java.io.tmpdir}). */
    public static Path path() {
        return Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    }

    /** The reason why a folder cannot be written to, as words that follow its name; null if it can. */
    public static @Nullable String problem(Path folder) {
        if (!Files.isDirectory(folder)) {
            return "which is no folder";
        }
        return Files.isWritable(folder) ? null : "which cannot be written to";
    }

    /**
     * Checks the folder before a library fails without it.
     *
     * @param reader the task that needs it, such as {@code reading Parquet files}
     * @throws InputException if it cannot be written to
     */
    public static void require(String reader) {
        String problem = problem(path());
        if (problem != null) {
            throw InputException.at(
                    "the folder for temporary files",
                    path() + ", " + problem,
                    "a folder that can be written to, which " + reader + " needs",
                    REMEDY);
        }
    }
}
