package io.residual.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How tables are read: what their files do not say of themselves, or say twice.
 *
 * @param label the label column, or null for the first ClassLabel
 * @param classes the classes' names in the order of the labels, or empty for those in the files
 * @param pooled whether the parts that the files come in are put together and split anew
 */
public record Reading(@Nullable String label, List<String> classes, boolean pooled) {
    /** As the files say. */
    public static final Reading PLAIN = new Reading(null, List.of(), false);
}
