package io.residual.spark;

import io.residual.base.AtomicFiles;
import io.residual.base.FileNames;
import io.residual.base.InputException;
import io.residual.model.Arithmetic;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * The model and adapter that executors open: names, not weights.
 *
 * @param model that ships, on the hub, a folder that is there on every machine, or one on a Hadoop file system
 * @param hash of the model that the driver saw; another one is refused
 * @param adapter likewise, or null
 * @param threads for the products of one task: the cores that Spark gives it
 */
record Place(String model, String hash, @Nullable String adapter, Arithmetic arithmetic, int threads)
        implements Serializable {
    /** A path as a local one: what lies on a Hadoop file system is copied first. */
    static java.nio.file.Path local(String where, Configuration configuration) {
        if (!where.contains("://") && !where.startsWith("file:")) {
            return FileNames.path("a path", where);
        }
        try {
            Path path = new Path(where);
            FileSystem files = path.getFileSystem(configuration);
            if (files.getScheme().equals("file")) {
                return FileNames.path("a path", path.toUri().getPath());
            }
            if (!files.exists(path)) {
                throw InputException.at(where, "nothing there", "a model or an adapter", "Check the path");
            }
            java.nio.file.Path folder = AtomicFiles.scratchFolder();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> AtomicFiles.delete(folder))); // an executor's end
            java.nio.file.Path copy = folder.resolve(path.getName());
            try {
                files.copyToLocalFile(path, new Path(copy.toUri()));
            } catch (IOException e) {
                AtomicFiles.delete(folder);
                throw e;
            }
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot fetch " + where + ": " + e.getMessage(), e);
        }
    }
}
