package io.residual.data;

import io.residual.base.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Recognises the split of a file or folder by its name, ignoring case, with the names that the Hugging Face datasets
 * library uses. Only names below a data set's root count, never the name of the root itself.
 */
public final class SplitNames {
    /** A split that a data set may come in. */
    public enum Part {
        TRAIN,
        VALIDATION,
        TEST;

        /** Its usual name. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Map<String, Part> WORDS = Map.of(
            "train", Part.TRAIN,
            "training", Part.TRAIN,
            "validation", Part.VALIDATION,
            "valid", Part.VALIDATION,
            "val", Part.VALIDATION,
            "dev", Part.VALIDATION,
            "test", Part.TEST,
            "testing", Part.TEST,
            "eval", Part.TEST,
            "evaluation", Part.TEST);

    private SplitNames() {}

    /** The split that a folder is called after, or null. */
    public static @Nullable Part ofFolder(String name) {
        return WORDS.get(name.toLowerCase(Locale.ROOT));
    }

    /**
     * The split of a file: the innermost folder with such a word in its name says it, else the file's own name. Words end at
     * hyphens, dots, underscores, spaces and digits: {@code val-00000-of-00001.parquet}, {@code my_train_2.tar}.
     *
     * @param path below the data set's root, with slashes
     * @return null if no name holds such a word
     * @throws InputException if one name holds words of two splits
     */
    public static @Nullable Part of(String path) {
        List<String> names = Arrays.asList(path.split("/"));
        for (int i = names.size() - 2; i >= 0; i--) {
            Part said = inside(path, names.get(i));
            if (said != null) {
                return said;
            }
        }
        return inside(path, names.get(names.size() - 1));
    }

    private static @Nullable Part inside(String path, String name) {
        Part found = null;
        for (String word : name.toLowerCase(Locale.ROOT).split("[-._ 0-9]+")) {
            Part part = WORDS.get(word);
            if (part != null && found != null && part != found) {
                throw InputException.at(
                        path,
                        "a name that says " + found.id() + " and " + part.id(),
                        "one split",
                        "Rename it, such as " + found.id() + "-0");
            }
            found = part == null ? found : part;
        }
        return found;
    }
}
