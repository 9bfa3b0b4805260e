package io.residual.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How tables are read where their metadata are incomplete or ambiguous. Immutable.
 *
 * @param label the label column, or null for the first ClassLabel
 * @param classes the classes' names in the order of the labels, or empty for those in the files
 * @param pooled whether the files' splits are merged and split again
 */
public record Reading(@Nullable String label, List<String> classes, boolean pooled) {
    /** Follows the metadata of the files. */
    public static final Reading PLAIN = new Reading(null, List.of(), false);
}
