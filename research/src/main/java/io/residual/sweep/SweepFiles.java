package io.residual.sweep;

import io.residual.adapt.AdapterFile;
import io.residual.base.InputException;
import io.residual.model.ImageTextModel;
import io.residual.sweep.Sweep.Data;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of a sweep's folder: traces, adapters, tuned towers. */
final class SweepFiles {
    private final Path folder;

    /** Creates the folder if it is missing. */
    SweepFiles(Path folder) {
        this.folder = made(folder);
    }

    private static Path made(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (FileAlreadyExistsException e) {
            throw InputException.at(folder, "a file", "a folder, or nothing yet", "Give another --out", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + folder + ": " + e.getMessage(), e);
        }
    }

    Path folder() {
        return folder;
    }

    /** The database of results. */
    Path results() {
        return folder.resolve("results.duckdb");
    }

    /** The folder of a model's traces. */
    Path traces(String name, ImageTextModel model) {
        String plain = name.replaceAll("[^A-Za-z0-9._-]+", "-").replaceFirst("^[.-]+", ""); // no hidden folder
        return folder.resolve("traces").resolve(plain + "-" + model.hash().substring(0, 8));
    }

    /** A trace below a model's folder. */
    static Path trace(Path traces, Data data, String split) {
        String recipe = RunKey.ofTraces(data.recipe(), data.reading());
        return traces.resolve(data.label().replaceAll("[^A-Za-z0-9._-]+", "-") + "-" + recipe)
                .resolve(split);
    }

    Path adapter(String key) {
        return folder.resolve("adapters").resolve(key + ".safetensors");
    }

    Path tower(String key) {
        return folder.resolve("towers").resolve(key);
    }

    /** A stored adapter. */
    AdapterFile read(Work work, KeyedFit each) {
        return AdapterFile.read(adapter(each.key()), work.tracer().frame(), work.model());
    }
}
