package io.residual.sweep;

import io.residual.base.InputException;
import io.residual.base.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * The folder that {@code $root} stands for in a sweep's file.
 *
 * @param folder null where nothing was given
 */
record Root(@Nullable String folder) {
    /** The word for it in a file. */
    static final String NAME = "$root";

    /**
     * A name with the folder in the place of {@code $root}.
     *
     * @throws InputException if the name needs a folder and none was given
     */
    String in(JsonObject where, String name) {
        if (!name.equals(NAME) && !name.startsWith(NAME + "/")) {
            return name;
        }
        if (folder == null) {
            throw InputException.at(
                    where.place("root"),
                    "nothing, though there is " + name,
                    "the folder that " + NAME + " stands for",
                    "Give --root FOLDER, or root: in the file");
        }
        return plain(folder) + name.substring(NAME.length());
    }

    /** Whether a name lies in it. */
    boolean holds(String name) {
        return folder != null && name.startsWith(plain(folder));
    }

    private static String plain(String folder) {
        return folder.replaceAll("(?<=.)/+$", "");
    }
}
