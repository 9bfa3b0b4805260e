package io.residual.data;

import io.residual.base.InputException;
import io.residual.images.ImageSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/**
 * Images that lie in tables. The reader is found on the class path, so that a program without tables needs no database:
 * {@code residual-tables} brings one. Implementations are safe for several threads.
 */
public interface ImageTables {
    /** Whether a folder is a data set in tables. */
    boolean isDataset(Path folder);

    /** Whether a folder contains tables, whether or not they form a data set. */
    boolean isWithTables(Path folder);

    /** Opens such a folder; images are read when asked for. */
    Dataset dataset(Path folder, Splitting splitting, Reading reading);

    /** The images of one table. */
    ImageSource images(Path file);

    /** Whether a file's name has the ending of a table. */
    static boolean isTable(Path file) {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(".parquet") && Files.isRegularFile(file);
    }

    /** Whether a folder is a data set of tables. False where no reader is there and no table either. */
    static boolean holds(Path folder) {
        return readers().isEmpty() ? !tables(folder).isEmpty() : reader(folder).isDataset(folder);
    }

    /** Whether a folder contains tables, whether or not they form a data set. */
    static boolean hasFiles(Path folder) {
        return readers().isEmpty() ? !tables(folder).isEmpty() : reader(folder).isWithTables(folder);
    }

    /**
     * The reader.
     *
     * @param place the file or folder to read, for the message
     * @throws InputException if there is none
     */
    static ImageTables reader(Path place) {
        List<ImageTables> found = readers();
        if (found.isEmpty()) {
            throw InputException.at(
                    place,
                    "Parquet files, and nothing that reads them",
                    "io.residual:residual-tables on the class path",
                    "Add it to the project's dependencies");
        }
        return found.get(0);
    }

    private static List<ImageTables> readers() {
        return ServiceLoader.load(ImageTables.class, ImageTables.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    private static List<Path> tables(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.walk(folder, 2)) {
            return entries.filter(ImageTables::isTable).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder + ": " + e.getMessage(), e);
        }
    }
}
