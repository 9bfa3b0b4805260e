package io.residual.data;

import io.residual.base.InputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Names of classes: from folders to words, duplicates, and alignment between splits. */
public final class ClassNames {
    private ClassNames() {}

    /**
     * A folder's or a file's name for a class as words for a prompt: underscores, control characters and white space become
     * one space each run, none at the ends. {@code hot_dog} is {@code hot dog}.
     */
    public static String readable(String name) {
        return name.replaceAll("[_\\s\\p{Cntrl}\\p{Z}]+", " ").strip();
    }

    /**
     * The names of classes as words, in the same order.
     *
     * @param where they come from, for an error
     * @throws InputException if a name is empty then, or two of them are equal
     */
    public static List<String> readable(Object where, List<String> names) {
        Map<String, String> raw = new HashMap<>();
        List<String> out = new ArrayList<>();
        for (String name : names) {
            String words = readable(name);
            if (words.isEmpty()) {
                throw InputException.at(
                        where, "the class name '" + name + "'", "a name with letters or digits", "Rename the class");
            }
            String other = raw.put(words, name);
            if (other != null) {
                throw InputException.at(
                        where,
                        other.equals(name)
                                ? "the class name '" + name + "' twice"
                                : "the class names '" + other + "' and '" + name + "', which are both '" + words
                                        + "' in prompts",
                        "a name of its own for every class",
                        "Rename one of them, or put their images together");
            }
            out.add(words);
        }
        return List.copyOf(out);
    }

    /**
     * Checks names that are used unchanged.
     *
     * @throws InputException if one is blank, or two are equal but for white space at the ends
     */
    public static void requireDistinct(Object where, List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (name.isBlank()) {
                throw InputException.at(
                        where, "an empty class name among " + names, "a name for every class", "Leave it out");
            }
            if (!seen.add(name.strip())) {
                throw InputException.at(
                        where,
                        "the class name '" + name.strip() + "' twice",
                        "a name of its own for every class",
                        "Rename one of them, or leave it out");
            }
        }
    }

    /** Notes on names that differ only in capitals: their prompts are equal, because tokenizers drop capitals. */
    public static List<String> notes(List<String> names) {
        Map<String, String> seen = new HashMap<>();
        List<String> notes = new ArrayList<>();
        for (String name : names) {
            String other = seen.putIfAbsent(name.toLowerCase(Locale.ROOT), name);
            if (other != null) {
                notes.add("the classes '" + other + "' and '" + name
                        + "' differ in capitals alone, which the text towers do not"
                        + " see: their prompts are equal; give them other words with --prompts");
            }
        }
        return notes;
    }

    /**
     * The classes that have images, and what is to be known of those that have none.
     *
     * @param names in the order in which they stay
     * @param places for every index of {@code all} its index in {@code names}, or −1 for a class without images
     */
    public record Used(List<String> names, int[] places, List<String> notes) {
        /** Labels among all names as labels among those used. */
        public int[] relabel(int... labels) {
            int[] out = new int[labels.length];
            for (int i = 0; i < labels.length; i++) {
                out[i] = places[labels[i]];
            }
            return out;
        }
    }

    /**
     * Finds the classes that have images.
     *
     * @param where the data set, for an error
     * @param all names of classes
     * @param train labels of the training part, indices into {@code all}
     * @param others labels of the other parts by the parts' names
     * @throws InputException if a class has images, but none for training
     */
    public static Used used(Object where, List<String> all, int[] train, Map<String, int[]> others) {
        int[] trained = counts(all.size(), train);
        int[] elsewhere = new int[all.size()];
        others.forEach((part, labels) -> {
            int[] counted = counts(all.size(), labels);
            for (int c = 0; c < counted.length; c++) {
                elsewhere[c] += counted[c];
                if (counted[c] > 0 && trained[c] == 0) {
                    throw untrained(where, all.get(c), counted[c], part);
                }
            }
        });
        List<String> names = new ArrayList<>();
        List<String> unused = new ArrayList<>();
        int[] places = new int[all.size()];
        for (int c = 0; c < places.length; c++) {
            boolean has = trained[c] + elsewhere[c] > 0;
            places[c] = has ? names.size() : -1;
            (has ? names : unused).add(all.get(c));
        }
        return new Used(
                List.copyOf(names),
                places,
                unused.isEmpty()
                        ? List.of()
                        : List.of(unused.size() + " of " + all.size() + " classes ha"
                                + (unused.size() == 1 ? "s" : "ve")
                                + " no images in any part and " + (unused.size() == 1 ? "is" : "are") + " left out: "
                                + some(unused)));
    }

    /** The error for a class that has images but none to train on. */
    public static InputException untrained(Object where, String name, int images, String part) {
        return InputException.at(
                where,
                images + (images == 1 ? " image" : " images") + " of the class '" + name + "' in " + part
                        + " and none for training",
                "training images of every class",
                "Add training images of '" + name + "', or take it out of " + part);
    }

    /** A list of the first few names, for messages. */
    public static String some(List<String> names) {
        int shown = Math.min(5, names.size());
        return String.join(", ", names.subList(0, shown)) + (names.size() > shown ? ", …" : "");
    }

    private static int[] counts(int classes, int... labels) {
        int[] counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        return counts;
    }
}
