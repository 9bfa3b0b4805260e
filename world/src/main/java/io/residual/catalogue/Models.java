package io.residual.catalogue;

import io.residual.base.InputException;
import io.residual.model.ImageTextModel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Models by the name that a user gives: one that ships, or a folder. */
public final class Models {
    private Models() {}

    /** Opens a model. */
    public static ImageTextModel open(String name) {
        return ImageTextModel.open(folder(name));
    }

    /** The folder of a model. */
    public static Path folder(String name) {
        if (EmbeddedModels.has(name)) {
            return EmbeddedModels.folder(name);
        }
        Path folder = Path.of(name);
        if (!Files.isDirectory(folder)) {
            throw InputException.at(
                    "the model '" + name + "'",
                    Files.exists(folder) ? "a file" : "no such folder",
                    "a folder with a model, or one of " + EmbeddedModels.all().keySet(),
                    "Check the name, or see residual models");
        }
        return folder;
    }
}
