package io.residual.catalogue;

import io.residual.base.InputException;
import io.residual.images.Dataset;
import io.residual.images.HubParquet;
import io.residual.images.IdxFiles;
import io.residual.images.ImageFolder;
import io.residual.images.Splitting;
import io.residual.world.WorldDatasets;
import io.residual.world.WorldTask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Data sets by the name that a user gives: {@code world:TASK}, {@code world:all}, or a folder of a known kind. */
public final class Datasets {
    private static final String WORLD = "world:";

    private Datasets() {}

    /** Whether a name means a task of the embedded world. */
    public static boolean isWorld(String name) {
        return name.startsWith(WORLD);
    }

    /** The names that a name stands for: {@code world:all} for ten, any other for itself. */
    public static List<String> expand(String name) {
        if (name.equals(WORLD + "all")) {
            return Arrays.stream(WorldTask.values()).map(t -> WORLD + t.id()).toList();
        }
        return List.of(name);
    }

    /** Opens a data set. What kind of folder it is shows from what is in it. */
    public static Dataset open(String name, Splitting splitting) {
        if (isWorld(name)) {
            return WorldDatasets.of(WorldDatasets.task(name.substring(WORLD.length())));
        }
        Path folder = Path.of(name);
        if (!Files.isDirectory(folder)) {
            throw InputException.at(
                    "the data set '" + name + "'",
                    Files.exists(folder) ? "a file" : "no such folder",
                    "a folder, or world:TASK",
                    "Check the name, or see residual datasets");
        }
        if (IdxFiles.isOne(folder)) {
            return IdxFiles.open(folder, splitting);
        }
        if (HubParquet.isOne(folder)) {
            return HubParquet.open(folder, splitting);
        }
        if (ImageFolder.isOne(folder)) {
            return ImageFolder.open(folder, splitting);
        }
        throw InputException.at(
                folder,
                "nothing that is known",
                "sub-folders of pictures (one a class), train-*.parquet of the hub, or MNIST's IDX files",
                "Arrange the data in one of these ways; see residual datasets");
    }
}
