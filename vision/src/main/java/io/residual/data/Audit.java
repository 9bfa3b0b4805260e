package io.residual.data;

import io.residual.images.Signatures;
import io.residual.images.StoredImages;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Cheap checks of a data set's stored files, without decoding: copies across splits and classes, and what is no image at all. */
public final class Audit {
    private static final String BY_FIRST_BYTES = " by the first bytes (";

    private Audit() {}

    /** An image with its split. */
    private record Kept(
            String split,
            StoredImages source,
            int row,
            @Nullable String print) {
        String name() {
            return source.name(row);
        }

        boolean sameBytes(Kept other) {
            try {
                return Arrays.equals(source.bytes(row), other.source.bytes(other.row));
            } catch (IOException e) {
                return false; // decoding says what is wrong with it
            }
        }
    }

    /** The findings, one sentence each with a remedy; empty if there are none. Reads a part of every file. */
    public static List<String> notes(Dataset dataset) {
        Map<String, List<Kept>> groups = new HashMap<>();
        List<Kept> all = new ArrayList<>();
        add("train", dataset.train(), all);
        add("validation", dataset.validation(), all);
        add("test", dataset.test(), all);
        int unknown = 0;
        for (Kept one : all) {
            String print = one.print;
            if (print == null) {
                unknown++;
            } else {
                groups.computeIfAbsent(print, k -> new ArrayList<>()).add(one);
            }
        }
        List<String> notes = new ArrayList<>(copies(all, groups));
        if (unknown > 0 && unknown == all.size()) {
            notes.add("copies of images across splits were not looked for: there are too many bytes");
        }
        notes.addAll(noImages(all));
        return notes;
    }

    private static void add(String split, LabelledImages<?> images, List<Kept> into) {
        StoredImages stored = images.stored();
        for (int i = 0; stored != null && i < images.size(); i++) {
            int row = images.row(i);
            into.add(new Kept(split, stored, row, stored.fingerprint(row)));
        }
    }

    private static List<String> copies(List<Kept> all, Map<String, List<Kept>> groups) {
        int copied = 0;
        int contradictory = 0;
        String first = "";
        String contradiction = "";
        for (Kept one : all) { // in the data set's order, so that the first named is always the same
            String print = one.print;
            List<Kept> same = print == null ? List.of() : groups.getOrDefault(print, List.of());
            if (same.size() < 2) {
                continue;
            }
            Kept before = find(same, one, true);
            if (before != null) {
                first = copied == 0 ? one.name() + " = " + before.name() : first;
                copied++;
            }
            Kept other = find(same, one, false);
            if (other != null) {
                contradiction = contradictory == 0 ? one.name() + " = " + other.name() : contradiction;
                contradictory++;
            }
        }
        List<String> notes = new ArrayList<>();
        if (copied > 0) {
            notes.add(copied + (copied == 1 ? " image of validation or test is" : " images of validation or test are")
                    + " byte for byte also in a split before it (" + first
                    + "): scores come out too good; keep one copy of each, or let residual audit write --labels");
        }
        if (contradictory > 0) {
            notes.add(contradictory + (contradictory == 1 ? " image lies" : " images lie")
                    + " byte for byte in two classes (" + contradiction + "): keep the right one");
        }
        return notes;
    }

    /** An equal image that stands before one in another split, or in another class. */
    private static @Nullable Kept find(List<Kept> same, Kept one, boolean split) {
        for (Kept other : same) {
            if (other.source == one.source && other.row == one.row) {
                return null;
            }
            boolean wanted =
                    split ? !other.split.equals(one.split) : other.source.label(other.row) != one.source.label(one.row);
            if (wanted && one.sameBytes(other)) {
                return other;
            }
        }
        return null;
    }

    /** How many files of a split are no images that can be read, by their first bytes. */
    public static int noImages(LabelledImages<?> images) {
        StoredImages stored = images.stored();
        int none = 0;
        for (int i = 0; stored != null && i < images.size(); i++) {
            none += isNone(stored.head(images.row(i))) ? 1 : 0;
        }
        return none;
    }

    /** How many test files are no images that can be read, for code that must not have the images themselves. */
    public static int noTestImages(Dataset dataset) {
        return noImages(dataset.test());
    }

    /** Whether a note speaks of files that are no images: what decodes them says more. */
    public static boolean isOfNoImages(String note) {
        return note.contains(BY_FIRST_BYTES);
    }

    private static boolean isNone(byte @Nullable [] head) {
        return head != null && !Signatures.isRead(Signatures.format(head));
    }

    private static List<String> noImages(List<Kept> all) {
        int none = 0;
        String first = "";
        for (Kept one : all) {
            byte[] head = one.source.head(one.row);
            if (isNone(head)) {
                String format = head == null ? null : Signatures.format(head);
                if (none == 0) {
                    first = one.name() + (format == null ? "" : ", which is " + format + " inside");
                }
                none++;
            }
        }
        return none == 0
                ? List.of()
                : List.of(none
                        + (none == 1 ? " file is no image that can be read" : " files are no images that can be read")
                        + BY_FIRST_BYTES + first + ") and will be left out; convert or remove "
                        + (none == 1 ? "it" : "them"));
    }
}
