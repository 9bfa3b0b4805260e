package io.residual.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Counts the files that a reader left out, by kind. Not safe for several threads. */
public final class LeftOut {
    private final TreeMap<String, Integer> formats = new TreeMap<>();
    private final TreeMap<String, Integer> others = new TreeMap<>();
    private final TreeSet<String> programs = new TreeSet<>();
    private int hidden;
    private int misnamed;
    private int broken;
    private int outside;

    /** An image of a format that cannot be decoded. */
    public void format(String ending) {
        formats.merge(ending, 1, Integer::sum);
    }

    /** Counts a file that is no image. */
    public void other(String ending) {
        others.merge(ending.isEmpty() ? "without ending" : "." + ending, 1, Integer::sum);
    }

    /** A folder that some program keeps its own things in. */
    public void program(String name) {
        programs.add(name);
    }

    /** A file whose name begins with a dot. */
    public void hidden() {
        hidden++;
    }

    /** An image by its first bytes that is not named like one. */
    public void misnamed() {
        misnamed++;
    }

    /** Counts a broken symbolic link. */
    public void broken() {
        broken++;
    }

    /** An image that lies beside the classes' folders. */
    public void outside(int images) {
        outside += images;
    }

    /** Adds the counts of another. */
    void add(LeftOut more) {
        more.formats.forEach((ending, count) -> formats.merge(ending, count, Integer::sum));
        more.others.forEach((ending, count) -> others.merge(ending, count, Integer::sum));
        programs.addAll(more.programs);
        hidden += more.hidden;
        misnamed += more.misnamed;
        broken += more.broken;
        outside += more.outside;
    }

    /** All of it in one line with what to do; empty if nothing was left out. */
    public String text() {
        List<String> parts = new ArrayList<>();
        if (!formats.isEmpty()) {
            parts.add(counted(formats, ".")
                    + " (a format that is not read: convert to JPEG or PNG, such as with magick mogrify"
                    + " -format jpg '*." + formats.firstKey() + "')");
        }
        if (misnamed > 0) {
            parts.add(
                    plural(misnamed, "image") + " by content whose name has no image's ending (rename: .jpg, .png …)");
        }
        if (outside > 0) {
            parts.add(plural(outside, "image") + " beside the class folders (move into one)");
        }
        if (hidden > 0) {
            parts.add(plural(hidden, "hidden file") + " (named with a leading dot: rename if wanted)");
        }
        if (broken > 0) {
            parts.add(plural(broken, "link") + " to nothing (mend or remove)");
        }
        if (!programs.isEmpty()) {
            parts.add("what programs keep in " + String.join(", ", programs));
        }
        if (!others.isEmpty()) {
            int all = others.values().stream().mapToInt(Integer::intValue).sum();
            parts.add(plural(all, "other file") + " (" + counted(others, "") + ": no images)");
        }
        return String.join(", ", parts);
    }

    /** The line as a note on a folder, or none. */
    public List<String> notes(Path folder) {
        String text = text();
        return text.isEmpty() ? List.of() : List.of("left out below " + folder + ": " + text);
    }

    private static String counted(Map<String, Integer> kinds, String before) {
        List<String> out = new ArrayList<>();
        kinds.forEach((kind, count) -> out.add(count + " " + before + kind));
        return out.size() <= 8 ? String.join(", ", out) : String.join(", ", out.subList(0, 8)) + ", …";
    }

    private static String plural(int count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }
}
