package io.residual.catalogue;

import io.residual.base.FileNames;
import io.residual.base.InputException;
import io.residual.base.Progress;
import io.residual.base.Similar;
import io.residual.hub.Hub;
import io.residual.hub.HubName;
import io.residual.hub.HubSettings;
import io.residual.model.Arithmetic;
import io.residual.model.ImageTextModel;
import io.residual.model.ModelFiles;
import io.residual.tensor.NativeRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Models by the name that a user gives: one that ships, a folder, or a repository on the hub. */
public final class Models {
    private Models() {}

    /** The models that ship, by name, with what they are. */
    public static Map<String, String> shipped() {
        Map<String, String> all = new TreeMap<>();
        Embedded.all().forEach(embedded -> all.putAll(embedded.models()));
        return all;
    }

    /** Opens a model. */
    public static ImageTextModel open(String name) {
        return open(name, Progress.silent());
    }

    /** Opens a model; a download reports to {@code progress}. */
    public static ImageTextModel open(String name, Progress progress) {
        return open(name, Arithmetic.FP32, progress);
    }

    /** As {@link #open(String, Progress)}, with the arithmetic of the image tower's large products. */
    public static ImageTextModel open(String name, Arithmetic arithmetic, Progress progress) {
        NativeRuntime.load(); // before a download
        return ImageTextModel.open(folder(name, progress), arithmetic);
    }

    private static List<String> known(String name) {
        List<String> known = new ArrayList<>(shipped().keySet());
        known.addAll(FileNames.foldersBeside(FileNames.path("the model", name)));
        return known;
    }

    /** What a model may be called, given the names of those that ship; a program on the library need not have any. */
    static String expected(Set<String> shipped) {
        String both = "a folder with a model%s a name on the hub such as openai/clip-vit-large-patch14%s";
        return shipped.isEmpty()
                ? both.formatted(
                        " or", " (models that ship are in io.residual:residual-world, which is not on the class path)")
                : both.formatted(",", ", or one of " + shipped);
    }

    /** The folder of a model, which is fetched from the hub if it is nowhere else. */
    public static Path folder(String name, Progress progress) {
        for (Embedded embedded : Embedded.all()) {
            if (embedded.models().containsKey(name)) {
                return embedded.model(name);
            }
        }
        Path folder = FileNames.path("the model", name);
        if (Files.isDirectory(folder)) {
            return folder;
        }
        boolean file = Files.exists(folder);
        HubName hubName = file ? null : HubName.parse(name).orElse(null);
        if (hubName == null) {
            throw InputException.at(
                    "the model '" + name + "'",
                    file ? "a file" : "no such folder",
                    expected(shipped().keySet()),
                    file
                            ? "Check the name"
                            : Similar.remedy(name, known(name), "Check the name, or see residual models"));
        }
        return new Hub(HubSettings.ofProcess(), progress).fetch(hubName, new ModelFiles());
    }
}
