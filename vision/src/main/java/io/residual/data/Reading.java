package io.residual.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How files are read where their metadata are incomplete or ambiguous. Immutable.
 *
 * @param label the label column, or null for the first ClassLabel
 * @param classes the classes' names in the order of the labels, or empty for those in the files
 * @param pooled whether the files' splits are merged and split again
 * @param names labels that the files' names give instead, or null
 */
public record Reading(
        @Nullable String label,
        List<String> classes,
        boolean pooled,
        @Nullable NamedLabels names) {
    /** Follows the metadata of the files. */
    public static final Reading PLAIN = new Reading(null, List.of(), false);

    /** With the labels that files and folders give. */
    public Reading(@Nullable String label, List<String> classes, boolean pooled) {
        this(label, classes, pooled, null);
    }

    /** What decides the labels. Keys of stored results rest on it: what says nothing of names reads as it always did. */
    @Override
    public String toString() {
        return "Reading[label=" + label + ", classes=" + classes + ", pooled=" + pooled
                + (names == null ? "" : ", names=" + names) + "]";
    }
}
